"""The importer: plain lists become sound list files, and every line is accounted for."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordlists.form import WordListError
from wordlists.importer import ImportRefused, ImportReport, Skipped, import_plain
from wordlists.load import load
from wordlists.model import Mode

LABEL = "3.4.1.7/gambling"


def bring(
    folder: Path,
    content: str | bytes,
    *,
    file: str = "brought.txt",
    mode: Mode = Mode.WEIGHT,
    label: str = LABEL,
    name: str | None = None,
    replace: bool = False,
) -> ImportReport:
    inbox = folder.parent / "inbox"
    inbox.mkdir(exist_ok=True)
    path = inbox / file
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    folder.mkdir(exist_ok=True)
    return import_plain(
        path,
        label=label,
        mode=mode,
        source="the operator",
        licence="own",
        folder=folder,
        name=name,
        replace=replace,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("押注群\n私彩站\n", ["押注群", "私彩站"]),
        ("押注群\r\n私彩站\r\n", ["押注群", "私彩站"]),
        ("押注群\r私彩站", ["押注群", "私彩站"]),
        ("\ufeff押注群\n", ["押注群"]),
        ("押注群\n私彩站\n".encode("gb18030"), ["押注群", "私彩站"]),
        ("押注群,3\n私彩站,2.5\n", ["押注群", "私彩站"]),
        ("word,weight\n押注群,3\n", ["押注群"]),
        ("押注群\t3\n", ["押注群"]),
        ('"押注,群",3\n"私""彩""站"\n', ["押注,群", '私"彩"站']),
        ("# 说明\n// 说明\n\n押注群\n", ["押注群"]),
        ("  押注群\u3000\n", ["押注群"]),
        ("Bet Now\nbet now\n", ["Bet Now"]),
        ("赌\n押注群\n", ["押注群"]),
        ("。。\n押注群\n", ["押注群"]),
        ("注" * 101 + "\n押注群\n", ["押注群"]),
        ("押\x07注\n押注群\n", ["押注群"]),
        ('"#押注"\n押注群\n', ["押注群"]),
        ("password\ncasino12\n", ["password", "casino12"]),
    ],
)
def test_plain_lists_of_every_kind_give_their_words(
    folder: Path, content: str | bytes, words: list[str]
) -> None:
    report = bring(folder, content)
    lists = load(folder)
    assert [entry.text for entry in lists.entries] == words
    assert {(e.list, e.label, e.mode) for e in lists.entries} == {("brought", LABEL, Mode.WEIGHT)}
    assert report.written == len(words)
    assert report.written + sum(count for _, count in report.skipped) == report.lines


def test_each_reason_to_leave_a_line_out_is_counted(folder: Path) -> None:
    bring(folder, "私彩站\n", name="known")
    hidden = base64.b64encode("押注平台".encode()).decode()
    lines = [
        "词",
        "押注群,1",
        "押注群",
        "私彩站",
        "赌",
        "！！",
        "注" * 101,
        hidden,
        "",
        "# x",
        "押\x07注",
    ]
    report = bring(folder, "\n".join(lines))
    assert report.lines == len(lines)
    assert report.written == report.more_columns == 1
    assert dict(report.skipped) == dict.fromkeys(Skipped, 1)
    assert report.count(Skipped.BASE64) == 1
    assert "not supported" in Skipped.BASE64


def test_what_another_label_holds_is_taken_all_the_same(folder: Path) -> None:
    bring(folder, "押注群\n", name="other", label="3.4.1.7/fraud")
    assert bring(folder, "押注群\n").written == 1
    assert len(load(folder).entries) == 2


def test_short_words_never_become_block(folder: Path) -> None:
    report = bring(folder, "私彩\n注册送筹码\n", mode=Mode.BLOCK)
    assert report.softened == 1
    assert [entry.mode for entry in load(folder).entries] == [Mode.WEIGHT, Mode.BLOCK]


def test_a_list_is_overwritten_only_when_asked(folder: Path) -> None:
    bring(folder, "押注群\n")
    before = (folder / "brought.txt").read_bytes()
    with pytest.raises(ImportRefused) as caught:
        bring(folder, "私彩站\n")
    assert caught.value.code == "exists"
    assert (folder / "brought.txt").read_bytes() == before
    assert bring(folder, "私彩站\n押注群\n", replace=True).replaced
    assert [entry.text for entry in load(folder).entries] == ["私彩站", "押注群"]
    assert [file.name for file in folder.iterdir()] == ["brought.txt"]


def test_a_broken_list_can_be_replaced_but_not_ignored(folder: Path) -> None:
    (folder / "brought.txt").write_bytes(b"\xff")
    with pytest.raises(WordListError, match=r"brought\.txt, line 1: not UTF-8"):
        bring(folder, "押注群\n", name="other")
    assert bring(folder, "押注群\n", replace=True).written == 1
    assert len(load(folder).entries) == 1


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        "/etc/x",
        "a/b",
        "a\\b",
        "A",
        "",
        "x.txt",
        "x\0",
        "x\n",
        "é",
        "-x",
        "a" * 65,
        "excuses/x",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        bring(folder, "押注群\n", name=name, replace=True)
    assert caught.value.code == "name"
    assert list(folder.iterdir()) == []


def test_a_link_in_the_place_of_the_list_is_replaced_and_not_followed(folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    outside.write_text("untouched")
    (folder / "brought.txt").symlink_to(outside)
    bring(folder, "押注群\n", replace=True)
    assert outside.read_text() == "untouched"
    assert not (folder / "brought.txt").is_symlink()


def test_a_file_whose_name_cannot_be_a_lists_name_takes_the_labels(folder: Path) -> None:
    assert bring(folder, "押注群\n", file="赌博 词库.txt").path.name == "gambling-imported.txt"
    assert bring(folder, "私彩站\n", file="Words.CSV").path.name == "words.txt"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("押注群\n".encode("utf-16"), "nul"),
        (b"\xff\xff\xff\xff", "encoding"),
        ("", "nothing_left"),
        ("# 说明\n赌\n", "nothing_left"),
    ],
)
def test_files_that_hold_no_list_are_refused(folder: Path, content: str | bytes, code: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        bring(folder, content)
    assert caught.value.code == code
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"label": "gambling"}, "label"),
        ({"label": "3.4.1.7/../../x"}, "label"),
        ({"source": "two\nlines"}, "source"),
        ({"source": " "}, "source"),
        ({"licence": "x" * 101}, "licence"),
        ({"file": Path("/nowhere/at/all")}, "file"),
        ({"file": Path("/dev/null")}, "file"),
        ({"folder": Path("/nowhere/at/all")}, "folder"),
    ],
)
def test_an_import_that_cannot_be_made_says_why(
    folder: Path, change: dict[str, str | Path], code: str
) -> None:
    file = folder.parent / "in.txt"
    file.write_text("押注群\n", encoding="utf-8")
    fitting = {"file": file, "label": LABEL, "source": "s", "licence": "l", "folder": folder}
    asked = fitting | change
    with pytest.raises(ImportRefused) as caught:
        import_plain(asked.pop("file"), mode=Mode.WEIGHT, **asked)
    assert caught.value.code == code


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.one_of(
                st.text(max_size=12), st.sampled_from(['"', ",", "\t", "\r\n", "#", "押注群"])
            ),
            max_size=15,
        ).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass")),
    ),
    mode=st.sampled_from(Mode),
)
def test_any_file_is_imported_soundly_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, mode: Mode
) -> None:
    folder = tmp_path_factory.mktemp("any") / "lists"
    try:
        report = bring(folder, content, mode=mode)
    except ImportRefused as refusal:
        assert refusal.code in {"nul", "encoding", "nothing_left"}
        assert list(folder.iterdir()) == []
    else:
        assert len(load(folder).entries) == report.written
        assert report.written + sum(count for _, count in report.skipped) == report.lines

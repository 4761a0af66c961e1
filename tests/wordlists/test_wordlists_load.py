"""The loader: sound folders load, every departure from the form is named with file and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordlists.form import LARGEST_FILE, Flaw
from wordlists.load import WordListError, load, read_folder
from wordlists.model import Alias, Entry, Excuse, ExcuseKind, Mode

LABEL = "3.4.1.7/gambling"
HEADER = f"# label: {LABEL}\n# title: 赌博\n# source: own\n# licence: same\n"
EXCUSES = "# kind: contains\n# source: own\n# licence: same\n"
ENTRY = "网上押注\tweight\n"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def flaws_of(folder: Path) -> tuple[Flaw, ...]:
    with pytest.raises(WordListError) as caught:
        load(folder)
    return caught.value.flaws


def test_a_sound_folder_gives_entries_and_excuses_with_their_lines(tmp_path: Path) -> None:
    text = (
        f"# label: {LABEL}\r\n# title: 赌博\r\n# weight: 3.5\r\n"
        "# source: own\r\n# licence: same\r\n\r\n"
        "## 说明\r\n注册送筹码\tblock\r\n押注群\tneeds_context\t暗语\r\n"
    )
    excuses = EXCUSES + f"# labels: {LABEL}, 3.4.1.7/fraud\n反押注群\t宣传\n"
    lists = load(write(tmp_path, {"gambling.txt": "\ufeff" + text, "excuses/x.txt": excuses}))
    assert lists.entries == (
        Entry("注册送筹码", Mode.BLOCK, LABEL, "gambling", 3.5, None, 8),
        Entry("押注群", Mode.NEEDS_CONTEXT, LABEL, "gambling", 3.5, "暗语", 9),
    )
    labels = frozenset({LABEL, "3.4.1.7/fraud"})
    assert lists.excuses == (Excuse("反押注群", ExcuseKind.CONTAINS, labels, 5),)


ALIASES = "# title: 别称\n# source: own\n# licence: same\n"


def test_a_folder_of_aliases_is_read_and_is_part_of_the_version(tmp_path: Path) -> None:
    content = ALIASES + f"# labels: {LABEL}\n# weight: 1.5\n菠菜\t博彩\t谐音\n"
    folder = write(tmp_path, {"a.txt": HEADER + ENTRY})
    before = load(folder).version
    write(folder, {"aliases/slang.txt": content, "aliases/signs.txt": ALIASES + "💳\t卡\n"})
    lists = load(folder)
    assert lists.aliases == (
        Alias("💳", "卡", None, "signs", 2.5, 4),
        Alias("菠菜", "博彩", frozenset({LABEL}), "slang", 1.5, 6),
    )
    assert lists.version != before


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("# title: t\n# source: s\n菠菜\t博彩\n", "header_missing", None),
        (ALIASES + "菠菜\n", "alias", 4),
        (ALIASES + "菠菜\t\n", "alias", 4),
        (ALIASES + "菠菜\t博彩\tnote\tmore\n", "alias", 4),
        (ALIASES + "菠菜\t博彩\n菠菜\t博彩\n", "duplicate", 5),
        (ALIASES + "菠\x07\t博彩\n", "control_character", 4),
        (ALIASES + f"# labels: {LABEL}\n💳\t银行卡\n", "entry_without_letters", 5),
        (ALIASES + f"# labels: {LABEL}\n菠菜\t博\n", "entry_too_short", 5),
        (ALIASES + "# kind: context\n菠菜\t博彩\n", "header_unknown", 4),
    ],
)
def test_flaws_of_aliases_are_named(
    tmp_path: Path, content: str, code: str, line: int | None
) -> None:
    folder = write(tmp_path, {"a.txt": HEADER + ENTRY, "aliases/x.txt": content})
    assert [(f.code, f.file, f.line) for f in flaws_of(folder)] == [(code, "aliases/x.txt", line)]


def test_a_list_without_weight_has_the_default_and_an_excuse_without_labels_serves_all(
    tmp_path: Path,
) -> None:
    lists = load(write(tmp_path, {"a.txt": HEADER + ENTRY, "excuses/x.txt": EXCUSES + "禁止押注"}))
    assert lists.entries[0].weight == 2.5
    assert lists.excuses[0].labels is None


def test_separators_that_are_no_line_ends_do_not_part_an_entry(tmp_path: Path) -> None:
    flaws = flaws_of(write(tmp_path, {"a.txt": HEADER + "押注\u2028平台\tweight\n"}))
    assert [(flaw.code, flaw.line) for flaw in flaws] == [("control_character", 5)]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (ENTRY, "header_missing", None),
        ("# label: \n# title: t\n# source: s\n# licence: l\n" + ENTRY, "header_empty", 1),
        (HEADER.replace(LABEL, "gambling") + ENTRY, "label", 1),
        (HEADER.replace(LABEL, "3.4.1.7/Gambling") + ENTRY, "label", 1),
        (HEADER.replace(LABEL, "3.4.1.7") + ENTRY, "label", 1),
        (HEADER.replace(LABEL, "3.4.1.7/../x") + ENTRY, "label", 1),
        (HEADER + "# weight: much\n" + ENTRY, "weight", 5),
        (HEADER + "# weight: 0\n" + ENTRY, "weight", 5),
        (HEADER + "# weight: nan\n" + ENTRY, "weight", 5),
        (HEADER + "# weight: 11\n" + ENTRY, "weight", 5),
        (HEADER + "# weight: ２\n" + ENTRY, "weight", 5),
        (HEADER + "# mode: block\n" + ENTRY, "header_unknown", 5),
        (HEADER + "# title: 又一个\n" + ENTRY, "header_twice", 5),
        (HEADER.replace("赌博", "赌" * 101) + ENTRY, "too_long", 2),
        (HEADER + ENTRY + "# 说明\n", "stray_hash", 6),
        (HEADER + "#押注\tweight\n" + ENTRY, "stray_hash", 5),
        (HEADER, "no_entries", None),
        ("", "no_entries", None),
        (HEADER + "押注群\n", "mode", 5),
        (HEADER + "押注群\tBLOCK\n", "mode", 5),
        (HEADER + "押注群 block\n", "mode", 5),
        (HEADER + "\tblock\n", "entry_empty", 5),
        (HEADER + "赌\tblock\n", "entry_too_short", 5),
        (HEADER + "赌。\tblock\n", "entry_too_short", 5),
        (HEADER + "。！？\tblock\n", "entry_without_letters", 5),
        (HEADER + "💊💊\tweight\n", "entry_without_letters", 5),
        (HEADER + "\u3164\u3164\tweight\n", "entry_without_letters", 5),
        (HEADER + "赌" * 101 + "\tblock\n", "too_long", 5),
        (HEADER + "押注群\tweight\t" + "注" * 101 + "\n", "too_long", 5),
        (HEADER + "押注\x07群\tweight\n", "control_character", 5),
        (HEADER + "押注群\tweight\tnote\tmore\n", "too_many_parts", 5),
        (HEADER + ENTRY + ENTRY, "duplicate", 6),
        (HEADER + "Bet Now\tweight\nbet now\tblock\n", "duplicate", 6),
        (HEADER + "押注\0群\tweight\n", "nul", 5),
        ((HEADER + ENTRY).encode() + "私彩站\tweight\n".encode("gb18030"), "not_utf8", 6),
        ((HEADER + ENTRY).encode("utf-16"), "not_utf8", 1),
    ],
)
def test_a_list_out_of_form_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, code: str, line: int | None
) -> None:
    flaws = flaws_of(write(tmp_path, {"bad.txt": content}))
    assert (code, "bad.txt", line) in {(flaw.code, flaw.file, flaw.line) for flaw in flaws}


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("# source: own\n# licence: same\n反押注\n", "header_missing", None),
        (EXCUSES.replace("contains", "near") + "反押注\n", "kind", 1),
        (EXCUSES + "# labels: gambling\n反押注\n", "label", 4),
        (EXCUSES + f"# labels: {LABEL},\n反押注\n", "label", 4),
        (EXCUSES + "# label: 3.4.1.7/fraud\n反押注\n", "header_unknown", 4),
        (EXCUSES, "no_entries", None),
        (EXCUSES + "反\n", "entry_too_short", 4),
        (EXCUSES + "反押注\tnote\tmore\n", "too_many_parts", 4),
        (EXCUSES + "反押注\n反押注\n", "duplicate", 5),
        (EXCUSES.encode() + b"\xff\n", "not_utf8", 4),
    ],
)
def test_excuses_out_of_form_are_refused_with_their_place(
    tmp_path: Path, content: str | bytes, code: str, line: int | None
) -> None:
    folder = write(tmp_path, {"a.txt": HEADER + ENTRY, "excuses/bad.txt": content})
    found = {(flaw.code, flaw.file, flaw.line) for flaw in flaws_of(folder)}
    assert found == {(code, "excuses/bad.txt", line)}


def test_an_entry_that_another_file_of_the_label_holds_is_refused(tmp_path: Path) -> None:
    other = HEADER.replace(LABEL, "3.4.1.7/fraud")
    folder = write(tmp_path, {"a.txt": HEADER + ENTRY, "b.txt": HEADER + "\n" + ENTRY})
    write(tmp_path, {"c.txt": other + ENTRY})
    (flaw,) = flaws_of(folder)
    assert (flaw.code, flaw.file, flaw.line) == ("duplicate", "b.txt", 6)
    assert "a.txt, line 5" in flaw.what


def test_all_errors_of_all_files_are_raised_together(tmp_path: Path) -> None:
    bad = {"a.txt": HEADER + "赌\tblock\n押注群\tx\n", "b.txt": b"\xff", "excuses/c.txt": ""}
    with pytest.raises(WordListError) as caught:
        load(write(tmp_path, dict(bad)))
    assert {flaw.file for flaw in caught.value.flaws} == {"a.txt", "b.txt", "excuses/c.txt"}
    message = str(caught.value)
    assert (
        "a.txt, line 5: the entry has fewer than two letters or digits; write a longer" in message
    )
    assert "a.txt, line 6: an unknown mode; write a TAB and one of block, weight" in message
    assert "b.txt, line 1: not UTF-8; save the file as UTF-8" in message


def test_the_message_stays_short_when_there_are_thousands_of_errors(tmp_path: Path) -> None:
    with pytest.raises(WordListError) as caught:
        load(write(tmp_path, {"a.txt": HEADER + "赌\tblock\n" * 5000}))
    assert len(caught.value.flaws) == 5000
    assert len(str(caught.value).splitlines()) == 101
    assert str(caught.value).endswith("and 4900 more of the kind")


@pytest.mark.parametrize("name", ["A.txt", "赌博.txt", "a b.txt", "a.TXT", "a.b.txt", "-a.txt"])
def test_a_file_name_that_cannot_be_a_list_name_is_refused(tmp_path: Path, name: str) -> None:
    flaws = flaws_of(write(tmp_path, {name: HEADER + ENTRY}))
    assert "file_name" in {flaw.code for flaw in flaws}


def test_other_files_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    folder = write(
        tmp_path, {"a.txt": HEADER + ENTRY, ".b.txt": b"\xff", "c.py": "x", "d": b"\xff"}
    )
    assert len(load(folder).entries) == 1


def test_a_folder_without_lists_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    assert [flaw.code for flaw in flaws_of(tmp_path)] == ["no_lists"]
    assert [flaw.code for flaw in flaws_of(tmp_path / "none")] == ["folder"]
    assert [flaw.code for flaw in flaws_of(Path("\0"))] == ["folder"]


def test_what_is_no_plain_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a.txt": HEADER + ENTRY})
    (folder / "b.txt").mkdir()
    os.mkfifo(folder / "c.txt")
    (folder / "d.txt").symlink_to(folder / "nowhere")
    assert [(f.code, f.file) for f in flaws_of(folder)] == [
        ("not_a_file", "b.txt"),
        ("not_a_file", "c.txt"),
        ("not_a_file", "d.txt"),
    ]


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.touch()
    os.truncate(file, LARGEST_FILE + 1)
    assert flaws_of(tmp_path)[0].code == "file_too_large"


def test_the_version_follows_names_and_contents_and_nothing_else(tmp_path: Path) -> None:
    one = {"a.txt": HEADER + ENTRY, "excuses/x.txt": EXCUSES + "禁止押注\n"}
    first = load(write(tmp_path / "1", dict(one))).version
    assert first == load(write(tmp_path / "2", dict(reversed(one.items())))).version
    other = {"a.txt": HEADER + ENTRY + "## \n", "excuses/x.txt": EXCUSES + "禁止押注\n"}
    renamed = {"b.txt": HEADER + ENTRY, "excuses/x.txt": EXCUSES + "禁止押注\n"}
    versions = {
        first,
        *(load(write(tmp_path / d, f)).version for d, f in (("3", other), ("4", renamed))),
    }
    assert len(versions) == 3
    assert all(len(v) == 15 and v.startswith("wl-") and int(v[3:], 16) >= 0 for v in versions)


def test_values_cannot_be_changed(tmp_path: Path) -> None:
    lists = load(write(tmp_path, {"a.txt": HEADER + ENTRY}))
    with pytest.raises(AttributeError):
        lists.entries[0].text = "x"  # type: ignore[misc]
    assert not hasattr(lists, "__dict__")


ODD = st.sampled_from(
    [
        "\t",
        "#",
        "## ",
        "# label: ",
        LABEL,
        "# weight: ",
        "1e999",
        "\r",
        "\0",
        "\ufeff",
        "\u2028",
        "block",
    ]
)
TEXTS = st.lists(st.one_of(st.text(max_size=20), ODD), max_size=12).map("".join)


@settings(max_examples=150, deadline=None)
@given(
    head=st.sampled_from(["", HEADER, EXCUSES, HEADER[:30]]),
    body=st.one_of(TEXTS.map(lambda t: t.encode("utf-8", "surrogatepass")), st.binary(max_size=60)),
    place=st.sampled_from(["a.txt", "excuses/a.txt"]),
)
def test_any_file_is_loaded_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, head: str, body: bytes, place: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    write(folder, {"sound.txt": HEADER.replace(LABEL, "3.4.1.7/fraud") + ENTRY})
    write(folder, {place: head.encode() + body})
    shelf = read_folder(folder)
    try:
        lists = load(folder)
    except WordListError as error:
        assert error.flaws == shelf.flaws
        assert all(flaw.what and flaw.todo and "\n" not in str(flaw) for flaw in error.flaws)
    else:
        assert len(lists.entries) + len(lists.excuses) > 1

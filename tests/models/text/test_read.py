"""Reading: codes, markup, hidden text and turned text read as they are shown, spans exact."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.text.fold import fold
from models.text.read import read

ROWS = [
    ("decimal entities", "&#36172;&#21338;", "赌博", ("escapes",)),
    ("hexadecimal entities", "&#x8d4c;&#X535A", "赌博", ("escapes",)),
    ("named entities", "赌&nbsp;博&amp;彩", "赌 博&彩", ("escapes",)),
    ("entities of entities", "&amp;#36172;博", "赌博", ("escapes",)),
    ("a third round is left", "&amp;amp;#36172;", "&#36172;", ("escapes",)),
    ("an entity of nothing", "&#0;&#xd800;&nosuch;", "&#0;&#xd800;&nosuch;", ()),
    ("escapes of a program", r"\u8d4c\u535a", "赌博", ("escapes",)),
    ("escapes escaped", r"\\u8d4c\\u535a", "赌博", ("escapes",)),
    ("braced and long escapes", r"\u{8d4c}\U0000535a", "赌博", ("escapes",)),
    ("code points by name", "U+8D4C U+535A", "赌博", ("escapes",)),
    ("a browser's old escapes", "%u8d4c%u535a", "赌博", ("escapes",)),
    ("bytes of a program", r"\xe8\xb5\x8c\xe5\x8d\x9a", "赌博", ("escapes",)),
    ("percent codes", "%E8%B5%8C%E5%8D%9A", "赌博", ("escapes",)),
    ("percent codes twice", "%25E8%25B5%258C%25E5%258D%259A", "赌博", ("escapes",)),
    ("percent codes of GB 2312", "%B6%C4%B2%A9", "赌博", ("escapes",)),
    ("quoted-printable", "=E8=B5=8C=E5=8D=9A", "赌博", ("escapes",)),
    ("a sentence in percent codes", "online%20casino%20here%21", "online casino here!",
        ("escapes",)),
    ("percentages", "涨了20%,另有5%10%", "涨了20%,另有5%10%", ()),
    ("an address", "见 https://例.example/%E8%B5%8C?a=1&copy=2",
        "见 https://例.example/%e8%b5%8c?a=1&copy=2", ()),
    ("a path of Windows", r"c:\users\xenon", r"c:\users\xenon", ()),
    ("half a code", "%E8%B5 \\u8d", "%e8%b5 \\u8d", ()),
    ("tags", "赌<b></b>博<span style='x'>机</span>", "赌博机", ("markup",)),
    ("a comment", "赌<!-- x -->博", "赌博", ("markup",)),
    ("bulletin-board codes", "[b]赌[/b][color=red]博[/color]", "赌博", ("markup",)),
    ("a break is a line's", "赌<br/>博</p>机", "赌\n博\n机", ("markup",)),
    ("escaped tags", "&lt;b&gt;赌&lt;/b&gt;博", "赌博", ("escapes", "markup")),
    ("less and greater", "若 a<b 则 c>d, vector<int>", "若 a<b 则 c>d, vector<int>", ()),
    ("an emoticon in brackets", "[微笑]好的", "[微笑]好的", ()),
    ("right to left", "来\u202e博赌\u202c吧", "来赌博吧", ("direction",)),
    ("right to left to the end", "\u202e博赌", "赌博", ("direction",)),
    ("right to left in a line", "\u202e博赌\n博弈", "赌博\n博弈", ("direction",)),
    ("turned twice", "\u202e机\u202d赌博\u202c", "赌博机", ("direction",)),
    ("Arabic and Hebrew", "مرحبا שלום", "مرحبا שלום", ()),
    ("an isolate turns nothing", "\u2067赌博\u2069", "赌博", ()),
    ("tag characters", "好" + "".join(chr(0xE0000 + ord(c)) for c in "casino"), "好\ncasino",
        ("hidden",)),
    ("variation selectors",
        "😀" + "".join(chr(0xE0100 + b - 16) for b in "赌博".encode()), "😀\n赌博", ("hidden",)),
    ("the flag of Scotland", "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbsct")
        + "\U000e007f", "\U0001f3f4", ()),
    ("an emoji family", "👨\u200d👩\u200d👧 ❤\ufe0f", "👨👩👧 ❤", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "written", "reads", "steps"), ROWS, ids=[r[0] for r in ROWS])
def test_a_text_reads_as_it_is_shown(
    name: str, written: str, reads: str, steps: tuple[str, ...]
) -> None:
    view = read(written)
    assert view.folded == reads
    assert view.steps == steps


@pytest.mark.parametrize(
    ("written", "word", "span"),
    [
        ("来 &#36172;&#21338; 吧", "赌博", "&#36172;&#21338;"),
        ("来%E8%B5%8C%E5%8D%9A吧", "博", "%E5%8D%9A"),
        ("a&amp;#36172;b", "赌", "&amp;#36172;"),
        ("来\u202e吧博赌\u202c", "赌博", "博赌"),
        ("来<b>赌</b>博吧", "赌博", "赌</b>博"),
        ("好" + "".join(chr(0xE0000 + ord(c)) for c in "casino") + "的", "sin",
         "".join(chr(0xE0000 + ord(c)) for c in "sin")),
        ("😀" + "".join(chr(0xE0100 + b - 16) for b in "赌博".encode()), "博",
         "".join(chr(0xE0100 + b - 16) for b in "博".encode())),
        ("ﬁ&#36172;㍿", "赌", "&#36172;"),
    ],
)  # fmt: skip
def test_spans_are_those_of_the_text_as_it_was_written(written: str, word: str, span: str) -> None:
    view = read(written)
    place = view.folded.index(word)
    start, end = view.original(place, place + len(word))
    assert written[start:end] == span


PIECES = st.lists(
    st.sampled_from(
        [
            *"赌博ａé㍿ab1 %&<>\\=\n\u202e\u202d\u202c\u200b\ufe0f\U000e0041\U000e0100\U0001f3f4",
            *("&#36172;", "&amp;", "%E8%B5%8C", "\\u8d4c", "<b>", "</b>", "\U000e0041" * 4),
            "".join(chr(0xE0100 + b - 16) for b in "赌".encode()),
        ]
    )
    | st.text(max_size=3),
    max_size=30,
).map("".join)


@given(PIECES)
@example("\u202e" * 20 + "赌博")
def test_every_character_of_a_view_has_a_span_that_is_not_empty(text: str) -> None:
    view = read(text)
    assert len(view.starts) == len(view.ends) == len(view.folded)
    for place in range(len(view.folded)):
        start, end = view.original(place, place + 1)
        assert 0 <= start < end <= len(text)
    if view.as_written is None:
        assert view.folded == fold(text)
        assert view.steps == ()
    else:
        assert view.steps
        assert view.as_written.folded == fold(text)


SENTENCES = st.text(alphabet="今天下午三点开会，请带好材料。Vx 5", min_size=6, max_size=30).map(
    "开会".__add__
)


@pytest.mark.parametrize(
    "veil",
    [
        lambda s: "".join(f"&#{ord(c)};" for c in s),
        lambda s: "".join(f"&amp;#x{ord(c):x};" for c in s),
        lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
        lambda s: "".join(f"<i>{html.escape(c)}</i>" for c in s),
        lambda s: f"\u202e{s[::-1]}\u202c",
        quote,
    ],
)
@given(SENTENCES)
def test_a_veiled_sentence_reads_as_the_plain_one(veil: object, sentence: str) -> None:
    assert callable(veil)
    assert read(veil(sentence)).folded == fold(sentence)


HOSTILE = [
    "&amp;" * 4_000,
    "&#38;#38;" * 2_000,
    "%25" * 7_000,
    "\\" * 20_000,
    "\\x" * 10_000,
    "<" * 20_000,
    "<b " * 7_000,
    "[url=" * 4_000,
    "\u202e赌" * 10_000,
    "\U000e0041" * 20_000,
    "\ufe0f" * 20_000,
    "=E8" * 7_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:6]) for text in HOSTILE])
def test_hostile_texts_are_read_to_their_end(text: str) -> None:
    assert len(read(text).folded) <= len(text) + 1

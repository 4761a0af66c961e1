"""Words: all tokenisers say what jieba says, and one steps in where another is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.text import tokenise
from models.text._cutter import Cutter
from models.text.fold import compact, fold
from models.training.dataset import read_corpus
from wordlists.load import load

pytestmark = pytest.mark.kernel

JIEBA = tokenise.jieba_tokeniser()
RJIEBA = tokenise.rjieba_tokeniser()
CUTTER = tokenise.cutter()
FAST = (CUTTER, RJIEBA)

MIXED = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.sampled_from(list("赌博机构建工作的了在aZ09 +#&._%-\n\r，。、！")),
    ),
    max_size=80,
)


@pytest.fixture
def forgotten() -> Iterator[None]:
    tokenise.tokeniser.cache_clear()
    yield
    tokenise.tokeniser.cache_clear()


@pytest.fixture(scope="module")
def cut_by_jieba() -> dict[str, list[str]]:
    lists = load()
    texts = [fold(row.text) for data in read_corpus() for row in data.rows]
    texts += [compact(text) for text in texts]
    texts += [fold(item.text) for item in (*lists.entries, *lists.excuses)]
    texts += ["\n".join(texts[:400]), "\r\n".join(texts[400:500])]
    return {text: JIEBA(text) for text in texts}


@pytest.mark.parametrize("cut", FAST, ids=("cutter", "rjieba"))
def test_every_sentence_entry_and_excuse_is_cut_alike(
    cut: tokenise.Tokenise, cut_by_jieba: dict[str, list[str]]
) -> None:
    assert len(cut_by_jieba) > 10_000
    assert [text for text, words in cut_by_jieba.items() if cut(text) != words] == []


@settings(deadline=None)
@given(MIXED)
@example("a.b_c-d+e#f&g%h 1.5% c++ node.js")
@example("\u2028\u3000\x1c\x85")
@example("𠮷野家㐀龥鿿")
@example("a\0b\r\nc\r\r\n")
def test_any_folded_text_is_cut_alike(text: str) -> None:
    folded = fold(text)
    words = JIEBA(folded)
    assert [cut(folded) for cut in FAST] == [words] * len(FAST)
    assert "".join(words) == folded


@given(MIXED)
def test_what_was_not_folded_is_cut_as_by_jieba(text: str) -> None:
    assert CUTTER(text) == JIEBA(text)


def test_a_dictionary_decides_by_frequency() -> None:
    cut = Cutter("甲乙 9 n\n乙丙 5 n\n甲 3\n丙 3\n丁α 7\n".encode()).cut
    assert cut("甲乙丙丁") == ["甲乙", "丙", "丁"]
    assert Cutter("甲乙 5 n\n乙丙 9 n\n甲 3\n丙 3".encode()).cut("甲乙丙") == ["甲", "乙丙"]


def test_of_two_lines_of_a_word_the_last_counts() -> None:
    lines = "甲乙 9\n甲乙 0\n"
    assert Cutter(lines.encode()).cut("甲乙") == ["甲", "乙"]


@pytest.mark.parametrize("lines", ["甲", "甲 x", "甲 9\n乙\n", "甲 99999999999"])
def test_a_line_without_a_frequency_is_refused(lines: str) -> None:
    with pytest.raises(ValueError, match=r"line \d of the dictionary has no frequency"):
        Cutter(lines.encode())


@given(st.binary(max_size=60))
def test_a_broken_dictionary_does_no_harm(lines: bytes) -> None:
    try:
        cutter = Cutter(b"\xe7\x94 5\n" + lines)
    except ValueError:
        return
    assert "".join(cutter.cut("甲乙a1，")) == "甲乙a1，"


def test_each_steps_in_for_the_one_before(monkeypatch: pytest.MonkeyPatch, forgotten: None) -> None:
    def refuse() -> tokenise.Tokenise:
        raise AssertionError("a slower tokeniser is not needed here")

    with monkeypatch.context() as patch:
        patch.setattr(tokenise, "rjieba_tokeniser", refuse)
        patch.setattr(tokenise, "jieba_tokeniser", refuse)
        assert tokenise.tokeniser()("网上赌博机构") == JIEBA("网上赌博机构")
    monkeypatch.setitem(sys.modules, "models.text._cutter", None)
    with pytest.raises(ImportError):
        tokenise.cutter()
    with monkeypatch.context() as patch:
        patch.setattr(tokenise, "jieba_tokeniser", refuse)
        tokenise.tokeniser.cache_clear()
        assert tokenise.tokeniser()("网上赌博机构") == JIEBA("网上赌博机构")
    monkeypatch.setitem(sys.modules, "rjieba", None)
    tokenise.tokeniser.cache_clear()
    assert tokenise.tokeniser()("网上赌博机构") == JIEBA("网上赌博机构")

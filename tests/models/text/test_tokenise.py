"""Words: the fast tokeniser says what jieba says, and jieba steps in where it is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.text import tokenise
from models.text.fold import compact, fold
from models.training.dataset import read_corpus
from wordlists.load import load

JIEBA = tokenise.jieba_tokeniser()
RJIEBA = tokenise.rjieba_tokeniser()

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


def test_both_tokenisers_agree_on_every_sentence_of_the_corpus() -> None:
    texts = [fold(row.text) for data in read_corpus() for row in data.rows]
    texts += [compact(text) for text in texts]
    assert len(texts) > 2_000
    assert [text for text in texts if RJIEBA(text) != JIEBA(text)] == []


def test_both_tokenisers_agree_on_every_entry_and_excuse() -> None:
    lists = load()
    texts = [fold(item.text) for item in (*lists.entries, *lists.excuses)]
    assert [text for text in texts if RJIEBA(text) != JIEBA(text)] == []


@settings(deadline=None)
@given(MIXED)
@example("a.b_c-d+e#f&g%h 1.5% c++ node.js")
@example("\u2028\u3000\x1c\x85")
@example("𠮷野家㐀龥鿿")
def test_both_tokenisers_agree_on_any_folded_text(text: str) -> None:
    folded = fold(text)
    words = RJIEBA(folded)
    assert words == JIEBA(folded)
    assert "".join(words) == folded


def test_jieba_steps_in_where_rjieba_has_no_wheel(
    monkeypatch: pytest.MonkeyPatch, forgotten: None
) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(ImportError):
        tokenise.rjieba_tokeniser()
    assert tokenise.tokeniser()("网上赌博机构") == RJIEBA("网上赌博机构")


def test_rjieba_runs_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch, forgotten: None
) -> None:
    def refuse() -> tokenise.Tokenise:
        raise AssertionError("the slow tokeniser is not needed here")

    monkeypatch.setattr(tokenise, "jieba_tokeniser", refuse)
    assert tokenise.tokeniser()("网上赌博") == ["网上", "赌博"]

"""Which language a page is answered in, and that both have the same words."""

from __future__ import annotations

import pytest

from service.web.languages import Language, choose_language, load_words


@pytest.mark.parametrize(
    ("asked", "accept", "chosen"),
    [
        (None, None, Language.ZH),
        ("en", "zh-CN", Language.EN),
        ("zh", "en", Language.ZH),
        ("fr", "en-GB,en;q=0.9", Language.EN),
        (None, "fr, en;q=0.3, zh;q=0.7", Language.ZH),
        (None, "zh-TW;q=0.2, en-US", Language.EN),
        (None, "en;q=0", Language.ZH),
        (None, "en;q=nonsense", Language.ZH),
        (None, "en;q=nan", Language.ZH),
        (None, "*", Language.ZH),
        (None, ",;=,", Language.ZH),
        ("", "de", Language.ZH),
    ],
)
def test_the_address_comes_first_then_the_browser_then_chinese(
    asked: str | None, accept: str | None, chosen: Language
) -> None:
    assert choose_language(asked, accept) is chosen


def test_every_word_stands_in_both_languages_and_none_is_empty() -> None:
    words = load_words()
    assert words[Language.ZH].keys() == words[Language.EN].keys()
    assert all(value.strip() for table in words.values() for value in table.values())

"""Signs of disguise are counted where they hide something, and not where writing needs them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.read import read
from models.text.signs import NO_SIGNS, Signs, count_signs


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("加\u200b微\u200b信", Signs(invisible=2)),
        ("ca\u00adsino", Signs(invisible=1)),
        ("Ⓥⓧ ＡＢ", Signs(styled=4)),
        ("赌\u0336博\u0336", Signs(marks=2)),
        ("a\u0301\u0302\u0303\u0304", Signs(marks=1)),
        ("加*微*信*送*彩*金", Signs(gaps=5)),
        ("&#36172;博", Signs(coded=1)),
        ("<b>&#36172;</b>", Signs(coded=2)),
    ],
)
def test_signs_of_disguise_are_counted(text: str, signs: Signs) -> None:
    assert count_signs(read(text)) == signs


@pytest.mark.parametrize(
    "text",
    [
        "下午三点开会，请大家带好材料。",
        "👨\u200d👩\u200d👧 ❤\ufe0f 🇨🇳好的",
        "नमस्ते दुनिया",
        "می\u200cخواهم",
        "tiếng Việt",
        "哈哈哈哈 666",
        "Best regards, Zoë",
    ],
)
def test_ordinary_writing_has_none(text: str) -> None:
    signs = count_signs(read(text))
    assert signs._replace(styled=0) == NO_SIGNS


@given(st.text(max_size=60))
def test_any_text_can_be_counted(text: str) -> None:
    assert min(count_signs(read(text))) >= 0

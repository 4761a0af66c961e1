"""Contents: what counts as blank, and which contents are equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.moderation.content import digest_content, is_blank, is_sampled, keeps_text
from service.moderation.model import Account, Submission, Surface

KEY = b"k" * 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\r\n",
        "\u3000\u00a0\u2003",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u2028\u2029",
        "\u202e\u2066",
        "\u3164\uffa0\u115f\u1160",
        "\u2800",
        "\ufe0f\u034f\u180b",
        "\U000e0041\U000e007f\U000e0100",
        "\x01\x1f\x7f\x85",
        "\u00ad",
    ],
)
def test_a_text_without_a_visible_character_is_blank(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(text + "中")
    assert not is_blank("." + text)


@pytest.mark.parametrize("text", ["中", "a", "。", "☺", "\U0001f600", "́", "\ue000", "؀", "\ufffd"])
def test_a_text_with_a_visible_character_is_not_blank(text: str) -> None:
    assert not is_blank(text)


ids = st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text)
submissions = st.builds(
    Submission,
    text=st.text(st.sampled_from("a:1-0"), max_size=6),
    surface=st.sampled_from(Surface),
    account=st.none() | st.builds(Account, id=st.text(st.sampled_from("a:1-0"), max_size=4)),
)


@given(submissions, submissions)
def test_digests_are_equal_exactly_for_equal_text_surface_and_account(
    one: Submission, other: Submission
) -> None:
    same = (one.text, one.surface, one.account and one.account.id) == (
        other.text,
        other.surface,
        other.account and other.account.id,
    )
    assert (digest_content(one, KEY) == digest_content(other, KEY)) == same


@given(submissions)
def test_what_is_not_content_does_not_change_the_digest(one: Submission) -> None:
    other = Submission(
        text=one.text,
        surface=one.surface,
        account=one.account and Account(id=one.account.id, enterprise_id="e"),
        data_id="d",
        conversation_id="c",
    )
    assert digest_content(one, KEY) == digest_content(other, KEY)


@given(submissions)
def test_another_tenants_key_gives_another_digest(one: Submission) -> None:
    assert digest_content(one, KEY) != digest_content(one, b"x" * 32)


def test_the_sample_holds_its_share_and_always_the_same_contents() -> None:
    digests = [digest_content(Submission(text=str(n)), KEY) for n in range(2_000)]
    chosen = [digest for digest in digests if is_sampled(digest, 0.25)]
    assert 400 < len(chosen) < 600
    assert chosen == [digest for digest in digests if is_sampled(digest, 0.25)]
    assert all(is_sampled(digest, 1.0) for digest in digests)
    assert not any(is_sampled(digest, 0.0) for digest in digests)


@pytest.mark.parametrize(
    ("surface", "enterprise", "kept"),
    [
        (Surface.CRM_NOTE, "e-1", False),
        (Surface.OFFICE_DOCUMENT, "e-1", False),
        (Surface.CRM_NOTE, None, True),
        (Surface.IM_MESSAGE, "e-1", True),
    ],
)
def test_an_enterprises_confidential_text_is_not_kept(
    surface: Surface, enterprise: str | None, kept: bool
) -> None:
    account = Account(id="u", enterprise_id=enterprise)
    assert keeps_text(Submission(text="x", surface=surface, account=account)) is kept

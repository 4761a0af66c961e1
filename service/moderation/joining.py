"""The join window: what an account has said in a conversation in the last two minutes.

Up to twenty messages of one account in one conversation are judged together (contract, section 3).
What is kept of each is its end, for minutes and never in the store.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from service.detection.joint import Said
from service.moderation.model import Submission, Surface

LASTS: Final = timedelta(seconds=120)
"""How long after its arrival a message is judged together with later ones."""

MOST_MESSAGES: Final = 20
"""Messages of one account in one conversation that are judged together, the newest included."""

MOST_TALKS: Final = 4_000
"""Conversations that one process remembers: at most some 30 MB."""

JOINABLE: Final = frozenset({Surface.IM_MESSAGE, Surface.LEADS_OUTREACH})
"""Surfaces where people talk."""

Talk = tuple[str, str, str]
"""Tenant, account and conversation."""


class JoinError(Exception):
    """The window is away: messages are judged by themselves."""


class JoinWindow(Protocol):
    """Remembers messages for a short while."""

    async def add_all(
        self, messages: Sequence[tuple[Talk, Said]], now: datetime
    ) -> list[list[Said]]:
        """For each message, in their order, those before it in its talk, oldest first.

        Each is remembered from now on; a `data_id` that is remembered already takes its own place
        and is not given back to itself. Raises `JoinError`.
        """

    async def close(self) -> None:
        """Let go of whatever it holds."""


def talk_of(tenant_id: str, submission: Submission) -> Talk | None:
    """The talk that a submission belongs to; None where it is joined to nothing."""
    account, conversation = submission.account, submission.conversation_id
    if (
        account is None
        or conversation is None
        or submission.data_id is None
        or submission.surface not in JOINABLE
    ):
        return None
    return tenant_id, account.id, conversation


@dataclass(slots=True)
class _Heard:
    at: datetime
    said: Said


class LocalWindow:
    """The window of one process: enough where one process hears all of a conversation."""

    def __init__(self, *, most_talks: int = MOST_TALKS) -> None:
        self._talks: OrderedDict[Talk, list[_Heard]] = OrderedDict()
        self._most = most_talks

    async def add_all(
        self, messages: Sequence[tuple[Talk, Said]], now: datetime
    ) -> list[list[Said]]:
        return [self._add(talk, said, now) for talk, said in messages]

    async def close(self) -> None:
        self._talks.clear()

    def _add(self, talk: Talk, said: Said, now: datetime) -> list[Said]:
        self._forget(now)
        heard = [one for one in self._talks.get(talk, ()) if now - one.at < LASTS]
        place = next((i for i, one in enumerate(heard) if one.said.data_id == said.data_id), None)
        if place is None:
            place = len(heard)
            heard.append(_Heard(now, said))
        else:
            heard[place].said = said
        surplus = max(len(heard) - MOST_MESSAGES, 0)
        self._talks[talk] = heard[surplus:]
        self._talks.move_to_end(talk)
        return [one.said for one in heard[surplus:place]]

    def _forget(self, now: datetime) -> None:
        """Let go of the talks that have been silent longest."""
        while self._talks:
            oldest = next(iter(self._talks))
            silent = now - self._talks[oldest][-1].at >= LASTS
            if not silent and len(self._talks) < self._most:
                return
            del self._talks[oldest]

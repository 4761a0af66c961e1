"""What decisions bring about, for every role that decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from service.moderation.consequences import Consequences, read_record
from service.policy import catalogue
from service.review import store as review_store
from service.review.flow import open_case
from service.settings import Settings
from service.wiring.notices import Telling, build_wording


def build_consequences(
    settings: Settings, settle: Callable[[], Awaitable[None]] | None = None
) -> Consequences:
    """What gives decisions their measures and cases, by the shipped policy.

    `settle` is awaited after a commit that changed what an account may do.
    """
    return Consequences(
        catalogue.load().clauses,
        open_case=open_case,
        cases_of=review_store.of_decisions,
        record_of=read_record,
        tell=Telling(build_wording(settings)).decision,
        settle=settle,
    )

"""What stands in the way of cancelling an account: the conditions of Article 2.7.1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from service.enforcement.accounts.model import Facts, is_in_effect
from service.enforcement.kinds import denied_by
from service.enforcement.model import Measure
from service.policy.model import Reasons

NORMAL_AND_UNDISPUTED: Final = "2.7.1.1"
NO_OPEN_TRANSACTIONS: Final = "2.7.1.2"
NOTHING_UNRESOLVED: Final = "2.7.1.3"


class OpenCase(Protocol):
    """What is asked of a case that nobody has decided (`service.review.model.Case`)."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why an account cannot be cancelled now.

    `why` is a stable word, `text` tells it to a person. `ref` is the id of the measure or case, or
    the host's reference of the transaction or dispute; None where the host only gave their number.
    """

    article: str
    why: str
    text: Reasons
    ref: str | None


def find_blockers(
    facts: Facts, measures: Iterable[Measure], cases: Iterable[OpenCase], now: datetime
) -> tuple[Blocker, ...]:
    """Everything in the way at `now`, in the article's order; nothing when the account may go.

    Measures count that take a function away: a message that stays withheld binds nobody. An open
    case is an unresolved matter whoever complained, and is named by its id alone.
    """
    found = [
        Blocker(NORMAL_AND_UNDISPUTED, "restricted", _RESTRICTED, measure.id)
        for measure in measures
        if is_in_effect(measure, now) and denied_by(measure)
    ]
    found += _told(NORMAL_AND_UNDISPUTED, "dispute", _DISPUTE, _DISPUTES, facts.disputes)
    found += _told(
        NO_OPEN_TRANSACTIONS,
        "open_transaction",
        _TRANSACTION,
        _TRANSACTIONS,
        facts.open_transactions,
    )
    found += [Blocker(NOTHING_UNRESOLVED, "open_case", _CASE, case.id) for case in cases]
    return tuple(found)


def _told(
    article: str, why: str, one: Reasons, many: Reasons, told: int | tuple[str, ...]
) -> list[Blocker]:
    if isinstance(told, int):
        filled = Reasons(many.zh_cn.format(told), many.en.format(told))
        return [Blocker(article, why, filled, None)] if told else []
    return [Blocker(article, why, one, ref) for ref in told]


_RESTRICTED: Final = Reasons(
    "账号功能受到限制，不处于正常状态。", "The account is restricted and not in normal status."
)
_DISPUTE: Final = Reasons("存在未了结的争议。", "There is an unsettled dispute.")
_DISPUTES: Final = Reasons("存在 {} 项未了结的争议。", "Unsettled disputes: {}.")
_TRANSACTION: Final = Reasons("存在未完成的交易。", "There is an unfinished transaction.")
_TRANSACTIONS: Final = Reasons("存在 {} 笔未完成的交易。", "Unfinished transactions: {}.")
_CASE: Final = Reasons("存在尚未审结的案件。", "There is a case that nobody has decided yet.")

"""Documents that people handed in are forgotten 180 days after the last remedy about their matter.

They are kept while a case, a request, an appeal or a referral of the matter is open. That is asked
when their time comes, and not told by everything that begins or ends: so nothing can forget to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from service.appeals import store as appeals
from service.appeals.contested import find_contested
from service.appeals.model import APPEALS
from service.attachments import store as attachments
from service.attachments.store import KEPT
from service.explanations import store as explanations
from service.explanations.model import REQUESTS
from service.referrals import store as referrals
from service.review import store as cases
from service.review.model import CASES

ASKED_AGAIN: Final = timedelta(days=1)
"""How soon it is asked again of a matter that is open."""


def forget_documents(conn: Connection, now: datetime, limit: int) -> int:
    """Forget documents that nothing needs any more, at most `limit`; how many it asked about."""
    due = attachments.due(conn, now, limit)
    for tenant_id, attachment_id, case_id in due:
        until = kept_until(conn, tenant_id, case_id, now)
        if until > now:
            attachments.keep_until(conn, tenant_id, attachment_id, until)
        else:
            attachments.forget(conn, tenant_id, attachment_id, now)
    return len(due)


def kept_until(conn: Connection, tenant_id: str, case_id: str, now: datetime) -> datetime:
    """Until when the documents of a case are kept; of one that is open, when to ask again."""
    case = cases.get(conn, tenant_id, case_id)
    if case is None:
        return now
    contested = find_contested(conn, tenant_id, case.decision_id)
    decision_ids = (case.decision_id,) if contested is None else contested.decision_ids
    others = cases.of_decisions(conn, tenant_id, decision_ids).values()
    around = {found.id: found for found in (case, *others)}
    filed = [one for id_ in around for one in appeals.of_case(conn, tenant_id, id_)]
    asked = explanations.of_decisions(conn, tenant_id, decision_ids)
    referred = [one for id_ in around for one in referrals.of_case(conn, tenant_id, id_)]
    if (
        any(found.state not in CASES.final for found in around.values())
        or any(appeal.state not in APPEALS.final for appeal in filed)
        or any(request.state not in REQUESTS.final for request in asked)
        or any(referral.holds for referral in referred)
    ):
        return now + ASKED_AGAIN
    ends = [
        *(found.decided_at for found in around.values()),
        *(appeal.closed_at for appeal in filed),
        *(request.closed_at for request in asked),
        *(end for one in referred for end in (one.decided_at, one.closed_at)),
    ]
    return max((end for end in ends if end is not None), default=now - KEPT) + KEPT

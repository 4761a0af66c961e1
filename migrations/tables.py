"""Every module that adds tables to the store's metadata: import this one to have them all."""

from __future__ import annotations

import service.access.people_store
import service.access.store
import service.appeals.tables
import service.attachments.tables
import service.decisions.tables
import service.enforcement.accounts.tables
import service.enforcement.credit.tables
import service.enforcement.events.tables
import service.enforcement.rulebook.tables
import service.enforcement.tables
import service.enterprises.tables
import service.explanations.tables
import service.kernel.audit
import service.kernel.audit_chain
import service.kernel.demo_clock
import service.kernel.group_commit
import service.kernel.outbox
import service.kernel.refused
import service.moderation.entry_store
import service.moderation.store
import service.notices.links.store
import service.notices.tables
import service.referrals.tables
import service.reports.tables
import service.review.tables
import service.uploads.banks.store
import service.uploads.tables  # noqa: F401  (imported for their tables)

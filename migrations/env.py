"""Runs alembic's steps over the connection that `migrations.upgrade` hands in."""

from __future__ import annotations

from alembic import context

import service.access.people_store
import service.access.store
import service.decisions.tables
import service.kernel.group_commit
import service.moderation.store  # noqa: F401  (each adds its tables to the metadata)
from service.kernel.db import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("use `moderation migrate`, which knows where the store is")
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()

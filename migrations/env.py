"""Runs alembic's steps over the connection that `migrations.upgrade` hands in."""

from __future__ import annotations

from alembic import context

import migrations.tables  # noqa: F401  (the metadata is complete with it)
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

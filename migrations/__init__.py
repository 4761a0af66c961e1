"""The store's form, in steps: `upgrade` brings any store to the newest."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from service.kernel.db import WRITES

HEAD = "0023"
"""The newest step; a test compares it with the files."""

_LOCK = 0x6D6F_6465  # one number among all users of PostgreSQL's advisory locks


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the store to `HEAD`, in one transaction; the step it was at before, and now.

    Several processes may call it at once: they take turns. Raises SQLAlchemy's errors, which
    `storage_error` explains, and `RuntimeError` for a store of a newer version of the service.
    """
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        if conn.dialect.name == "postgresql":
            # As long as others may need for their turn, which is longer than a request waits.
            conn.execute(text("SET LOCAL lock_timeout = '120s'"))
            conn.execute(text("SET LOCAL statement_timeout = '120s'"))
            conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        was = current_step(conn)
        if was != HEAD:
            _upgrade(conn)
    return was, HEAD


def current_step(conn: Connection) -> str | None:
    """The step that the store is at, or None when it is empty."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(conn: Connection) -> None:
    # Imported when there is something to do: most starts need none of it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise RuntimeError(
            "the store is of another version of the service: install that one or a newer one"
        ) from error

"""The store with a sealed audit, what seals it, and what numbers it."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode

from sqlalchemy import Engine

from service.kernel.audit import seal_with
from service.kernel.audit_chain import Sequencer
from service.kernel.audit_witness import FOLDER, FileWitness
from service.kernel.clock import Clock
from service.kernel.db import open_engine
from service.kernel.kept_secret import keep_secret
from service.settings import Settings


def open_store(settings: Settings) -> Engine:
    """The store, with every row of the audit sealed; opens no connection yet.

    Raises what `open_engine` raises, and `OSError` when the audit's key cannot be kept.
    """
    return seal_with(open_engine(settings.database_url), find_audit_key(settings))


def find_audit_key(settings: Settings) -> bytes:
    """What seals the audit; made, and kept in the data folder, when nobody chose a key.

    Raises `OSError` when the folder cannot be written.
    """
    if settings.audit_key is not None:
        return settings.audit_key
    return b64decode(keep_secret(settings.data_dir / "audit.key", _make_key))


def build_witness(settings: Settings) -> FileWitness:
    """What remembers outside the store how far the audit went."""
    return FileWitness(settings.data_dir / FOLDER)


def build_sequencer(settings: Settings, engine: Engine, clock: Clock) -> Sequencer:
    """What numbers the audit. Raises `OSError`."""
    return Sequencer(engine, clock, find_audit_key(settings), build_witness(settings))


def _make_key() -> str:
    return b64encode(secrets.token_bytes(32)).decode("ascii")

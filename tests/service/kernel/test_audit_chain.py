"""The audit's chain in both stores: numbered behind the writers; whatever SQL does is found out."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from fixtures.clocks import NOW, FixedClock
from sqlalchemy import Engine, select, text

from service.kernel import audit_chain
from service.kernel.audit import MACHINE, audit, record, seal_with
from service.kernel.audit_chain import Sequencer, audit_checkpoints, number_rows
from service.kernel.audit_proof import (
    CHANGED,
    CUT_OFF,
    DIFFERS,
    FORGED,
    INSERTED,
    MISSING,
    MOVED,
    UNCOVERED,
    Flaw,
    Sound,
    one_moment,
    verify,
)
from service.kernel.audit_witness import FileWitness
from service.kernel.clock import Clock
from service.kernel.db import WRITES

KEY = b"k" * 32
ROWS = 7


@pytest.fixture
def engine(store_engine: Engine) -> Engine:
    return seal_with(store_engine, KEY)


@pytest.fixture
def witness(tmp_path: Path) -> FileWitness:
    return FileWitness(tmp_path / "audit")


@pytest.fixture
def sequencer(engine: Engine, witness: FileWitness) -> Sequencer:
    return Sequencer(engine, cast(Clock, FixedClock()), KEY, witness)


def write(engine: Engine, count: int = ROWS, tenant: str = "a") -> list[str]:
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        return [
            record(
                conn,
                tenant_id=tenant,
                now=NOW + timedelta(seconds=number),
                actor=MACHINE,
                action="thing.done",
                subject=("thing", str(number)),
                detail={"n": number, "zh": "中", "none": None},
            )
            for number in range(count)
        ]


def check(
    engine: Engine, tenant: str = "a", *, key: bytes = KEY, witness: FileWitness | None = None
) -> Flaw | Sound:
    noted = None if witness is None else witness.newest(tenant)
    with one_moment(engine) as conn:
        return verify(conn, tenant, key, noted)


def change(engine: Engine, sql: str, **values: Any) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        assert conn.execute(text(sql), values).rowcount


def numbers(engine: Engine, tenant: str = "a") -> list[int | None]:
    with engine.connect() as conn:
        return list(
            conn.scalars(
                select(audit.c.seq).where(audit.c.tenant_id == tenant).order_by(audit.c.id)
            )
        )


def test_rows_are_numbered_without_a_gap_for_each_tenant(
    engine: Engine, sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "BATCH", 3)
    write(engine, tenant="b")
    for _ in range(2):
        write(engine)
        while sequencer.step():
            pass
    # By time the two lots lie between each other; by number one follows the other.
    pairs = zip(range(1, ROWS + 1), range(ROWS + 1, 2 * ROWS + 1), strict=True)
    assert numbers(engine) == [number for pair in pairs for number in pair]
    assert numbers(engine, "b") == list(range(1, ROWS + 1))
    for tenant, count in (("a", 2 * ROWS), ("b", ROWS)):
        found = check(engine, tenant)
        assert isinstance(found, Sound)
        assert (found.seq, found.waiting) == (count, 0)


def test_rows_that_wait_are_counted_and_sealed_already(engine: Engine) -> None:
    write(engine)
    found = check(engine)
    assert isinstance(found, Sound)
    assert (found.seq, found.waiting) == (0, ROWS)
    change(engine, "UPDATE audit SET action = 'thing.undone' WHERE subject_id = '2'")
    assert check(engine) == Flaw("a", 3, INSERTED)


def test_two_sequencers_number_each_row_once(engine: Engine, witness: FileWitness) -> None:
    write(engine, 60)
    clock = cast(Clock, FixedClock())
    start = threading.Barrier(2)

    def run() -> None:
        one = Sequencer(engine, clock, KEY, witness)
        start.wait(20)
        for _ in range(5):
            one.step()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(engine) == list(range(1, 61))
    assert isinstance(check(engine, witness=witness), Sound)


ATTACKS: dict[str, tuple[str, int, str]] = {
    "a word changed": (
        "UPDATE audit SET action = 'thing.undone' WHERE seq = 4",
        4,
        CHANGED,
    ),
    "another person named": ("UPDATE audit SET actor_id = 'p-1' WHERE seq = 1", 1, CHANGED),
    "a detail changed": (
        "UPDATE audit SET detail = (SELECT b.detail FROM audit b WHERE b.seq = 2) WHERE seq = 4",
        4,
        CHANGED,
    ),
    "a seal taken off": ("UPDATE audit SET seal = NULL WHERE seq = 4", 4, INSERTED),
    "the first deleted": ("DELETE FROM audit WHERE seq = 1", 1, MISSING),
    "one deleted": ("DELETE FROM audit WHERE seq = 4", 4, MISSING),
    "the last deleted": (f"DELETE FROM audit WHERE seq = {ROWS}", ROWS, CUT_OFF),
    "all deleted": ("DELETE FROM audit", 1, CUT_OFF),
    "a number taken away": ("UPDATE audit SET seq = NULL WHERE seq = 4", 4, MISSING),
    "a hash changed": ("UPDATE audit SET hash = seal WHERE seq = 4", 4, MOVED),
    "a checkpoint changed": ("UPDATE audit_checkpoints SET hash = signature", ROWS, FORGED),
    "the checkpoint deleted": ("DELETE FROM audit_checkpoints", 1, UNCOVERED),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_sql_does_to_the_chain_is_named(
    engine: Engine, sequencer: Sequencer, attack: str
) -> None:
    statement, seq, why = ATTACKS[attack]
    write(engine)
    sequencer.step()
    assert isinstance(check(engine), Sound)
    change(engine, statement)
    assert check(engine) == Flaw("a", seq, why)


INSERT = (
    "INSERT INTO audit (tenant_id, id, at, actor_kind, action, subject_kind, subject_id, detail,"
    " seal, seq, hash) SELECT tenant_id, 'forged', at, actor_kind, action, subject_kind,"
    " subject_id, detail, {seal}, {seq}, {hash} FROM audit WHERE seq = 4"
)


@pytest.mark.parametrize(("seal", "why"), [("NULL", INSERTED), ("seal", CHANGED)])
def test_a_row_put_in_is_named_whether_it_is_numbered_or_not(
    engine: Engine, sequencer: Sequencer, seal: str, why: str
) -> None:
    write(engine)
    sequencer.step()
    change(engine, INSERT.format(seal=seal, seq="NULL", hash="NULL"))
    assert check(engine) == Flaw("a", ROWS + 1, INSERTED)
    sequencer.step()
    assert check(engine) == Flaw("a", ROWS + 1, why)


def test_a_row_put_in_with_a_number_is_named(engine: Engine, sequencer: Sequencer) -> None:
    write(engine)
    sequencer.step()
    change(engine, INSERT.format(seal="seal", seq=ROWS + 1, hash="hash"))
    assert check(engine) == Flaw("a", ROWS + 1, CHANGED)


@pytest.mark.parametrize("columns", [("seq",), ("seq", "hash")])
def test_rows_that_changed_places_are_named(
    engine: Engine, sequencer: Sequencer, columns: tuple[str, ...]
) -> None:
    write(engine)
    sequencer.step()
    with engine.begin() as conn:
        rows = conn.execute(text("SELECT seq, hash FROM audit WHERE seq IN (3, 5)"))
        hashes = {row.seq: row.hash for row in rows}
    for was, is_ in ((3, -1), (5, 3), (-1, 5)):
        change(engine, "UPDATE audit SET seq = :is WHERE seq = :was", **{"is": is_, "was": was})
    if "hash" in columns:
        for seq, hash_ in hashes.items():
            change(engine, "UPDATE audit SET hash = :hash WHERE seq = :seq", hash=hash_, seq=seq)
    assert check(engine) == Flaw("a", 3, MOVED)


def test_whoever_computes_every_hash_anew_still_lacks_the_key(
    engine: Engine, sequencer: Sequencer
) -> None:
    """Delete a row, close the gap, have the rest numbered and signed anew with another key."""
    write(engine)
    sequencer.step()
    change(engine, "DELETE FROM audit WHERE seq = 4")
    change(engine, "DELETE FROM audit_checkpoints")
    change(engine, "UPDATE audit SET seq = NULL, hash = NULL")
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        number_rows(conn, NOW, 100, key=b"x" * 32)
    assert check(engine) == Flaw("a", ROWS - 1, FORGED)


def test_what_the_end_was_is_known_outside_the_store(
    engine: Engine, sequencer: Sequencer, witness: FileWitness
) -> None:
    """An older copy of the store is whole in itself; that it is older, the witness knows."""
    write(engine)
    sequencer.step()
    with engine.connect() as conn:
        older = conn.execute(select(audit_checkpoints)).one()
    write(engine, 3)
    sequencer.step()
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        conn.execute(text(f"DELETE FROM audit WHERE seq > {ROWS}"))
        conn.execute(audit_checkpoints.delete())
        conn.execute(audit_checkpoints.insert().values(**older._asdict()))
    assert isinstance(check(engine), Sound)
    gap = Flaw("a", ROWS + 1, CUT_OFF)
    assert check(engine, witness=witness) == gap
    write(engine, 9)  # time goes on, and what was noted stays
    sequencer.step()
    write(engine, 9)
    sequencer.step()
    found = check(engine, witness=witness)
    assert isinstance(found, Flaw)
    assert (found.seq, found.why) == (ROWS + 3, DIFFERS)
    noted = witness.newest("a")
    assert noted is not None
    assert noted.seq == ROWS + 3


def test_a_noted_checkpoint_counts_only_when_it_is_signed(
    engine: Engine, sequencer: Sequencer, witness: FileWitness
) -> None:
    write(engine)
    sequencer.step()
    noted = witness.newest("a")
    assert noted is not None
    witness.put(replace(noted, hash=b"x" * 32))
    assert check(engine, witness=witness) == Flaw("a", ROWS, FORGED)


def test_rows_from_before_there_were_seals_are_held_by_their_hashes(
    store_engine: Engine, witness: FileWitness
) -> None:
    write(store_engine, 3)
    store_engine.dispose()
    sealing = seal_with(store_engine, KEY)
    sequencer = Sequencer(sealing, cast(Clock, FixedClock()), KEY, witness)
    sequencer.step()
    write(sealing, 3)
    sequencer.step()
    assert isinstance(check(sealing), Sound)
    change(sealing, "UPDATE audit SET action = 'x.y' WHERE seq = 2")
    assert check(sealing) == Flaw("a", 2, MOVED)


def test_one_checkpoint_of_so_many_rows_is_kept(
    engine: Engine, sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "SPACING", 10)
    for _ in range(9):
        write(engine, 4)
        sequencer.step()
    with engine.connect() as conn:
        kept = list(conn.scalars(select(audit_checkpoints.c.seq).order_by(audit_checkpoints.c.seq)))
    assert kept == [8, 16, 28, 36]

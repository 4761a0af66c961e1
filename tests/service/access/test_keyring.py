"""The ring knows a key without asking, and forgets it within a second of its revocation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest
from fixtures.clocks import FixedClock
from sqlalchemy import Connection, Engine

from service.access.flow import create_key, create_tenant, revoke_key
from service.access.keyring import KeyRing
from service.access.model import Scope, Unauthenticated
from service.kernel.db import Readers, StorageError, StorageUnavailable

T = TypeVar("T")


class CountingReaders(Readers):
    """Readers that count what they are asked, and can be cut off from the store."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.asked = 0
        self.away = False
        self.hung: asyncio.Event | None = None

    async def run(self, work: Callable[[Connection], T]) -> T:
        self.asked += 1
        if self.hung is not None:
            await self.hung.wait()
        if self.away:
            raise StorageUnavailable("away")
        return await super().run(work)


class Scene:
    """A ring over a store with one key."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = FixedClock()
        self.readers = CountingReaders(engine)
        self.ring = KeyRing(self.readers, self.clock, ticks=self.clock.ticks)
        with engine.begin() as conn:
            create_tenant(conn, "acme", now=self.clock.now())
            self.key, secret = create_key(conn, "acme", [Scope.READ], now=self.clock.now())
        self.header = f"Bearer {secret}"

    def revoke(self) -> None:
        with self.engine.begin() as conn:
            revoke_key(conn, self.key.id, now=self.clock.now())

    def play(self, script: Coroutine[Any, Any, None]) -> None:
        asyncio.run(asyncio.wait_for(script, 60))
        self.readers.close()


@pytest.fixture
def scene(store_engine: Engine) -> Scene:
    return Scene(store_engine)


def test_a_key_is_looked_up_once_and_then_known(scene: Scene) -> None:
    async def script() -> None:
        assert scene.ring.cached(scene.header) is None
        principal = await scene.ring.authenticate(scene.header)
        assert principal.key_id == scene.key.id
        assert scene.ring.cached(scene.header) is principal
        assert await scene.ring.authenticate(scene.header) is principal
        assert scene.readers.asked == 1
        assert scene.ring.tenant(principal.tenant_id).id == "acme"

    scene.play(script())


def test_a_revocation_is_seen_within_a_second(scene: Scene) -> None:
    async def script() -> None:
        await scene.ring.authenticate(scene.header)
        scene.revoke()
        scene.clock.advance(1)
        assert scene.ring.cached(scene.header) is None
        with pytest.raises(Unauthenticated):
            await scene.ring.authenticate(scene.header)
        assert scene.ring.cached(scene.header) is None

    scene.play(script())


def test_many_requests_with_one_key_ask_the_store_once(scene: Scene) -> None:
    async def script() -> None:
        await asyncio.gather(*(scene.ring.authenticate(scene.header) for _ in range(64)))
        assert scene.readers.asked == 1
        scene.clock.advance(1)
        await asyncio.gather(*(scene.ring.authenticate(scene.header) for _ in range(64)))
        assert scene.readers.asked == 2

    scene.play(script())


@pytest.mark.parametrize("header", [None, "", "Bearer x", "Basic mod_" + "A" * 43, "Bearer 密钥"])
def test_what_cannot_be_a_key_does_not_reach_the_store(scene: Scene, header: str | None) -> None:
    async def script() -> None:
        assert scene.ring.cached(header) is None
        with pytest.raises(Unauthenticated):
            await scene.ring.authenticate(header)
        assert scene.readers.asked == 0

    scene.play(script())


def test_an_unknown_key_is_refused_and_not_remembered(scene: Scene) -> None:
    async def script() -> None:
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                await scene.ring.authenticate("Bearer mod_" + "A" * 43)
        assert scene.readers.asked == 2

    scene.play(script())


def test_a_known_key_goes_on_while_the_store_is_away_and_ends_when_it_is_back(scene: Scene) -> None:
    async def script() -> None:
        await scene.ring.authenticate(scene.header)
        scene.revoke()
        scene.readers.away = True
        for _ in range(3):
            scene.clock.advance(1)
            assert (await scene.ring.authenticate(scene.header)).tenant_id == "acme"
            assert scene.ring.cached(scene.header) is not None
        with pytest.raises(StorageError):
            await scene.ring.authenticate("Bearer mod_" + "A" * 43)
        scene.readers.away = False
        scene.clock.advance(1)
        with pytest.raises(Unauthenticated):
            await scene.ring.authenticate(scene.header)

    scene.play(script())


def test_a_known_key_does_not_wait_for_a_store_that_hangs(scene: Scene) -> None:
    async def script() -> None:
        await scene.ring.authenticate(scene.header)
        scene.readers.hung = asyncio.Event()
        scene.clock.advance(1)
        assert (await scene.ring.authenticate(scene.header)).tenant_id == "acme"
        scene.revoke()
        scene.readers.hung.set()
        scene.readers.hung = None
        scene.clock.advance(1)
        with pytest.raises(Unauthenticated):
            await scene.ring.authenticate(scene.header)

    scene.play(script())


def test_the_ring_holds_digests_and_no_secrets(scene: Scene) -> None:
    async def script() -> None:
        await scene.ring.authenticate(scene.header)
        held = repr(vars(scene.ring))
        assert scene.header.removeprefix("Bearer ") not in held

    scene.play(script())

"""The demo host's routes: the hook, what it was sent and did, and its mood for trying faults."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from cli.demo_host.ledger import Delivery, Effect, Ledger, Sent, in_force
from cli.demo_host.page import show_page
from service.kernel.clock import Clock
from service.kernel.problems import MALFORMED_JSON, UNAUTHENTICATED, Problem, invalid
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, ThinRoute, read_body, require_json

MAX_BODY: Final = 1024 * 1024
MAX_DELAY: Final = 30.0


class Mood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the hook answers: with `status`, after `delay` seconds, to so many deliveries (`times`;
    null: until told otherwise) of `tenant` (null: of all).

    With a status other than 2xx nothing is done, unless `acts`: then the effect stands although
    the answer says otherwise, as when an answer is lost.
    """

    status: int = 200
    delay: float = 0.0
    times: int | None = None
    tenant: str | None = None
    acts: bool = False


class Report(msgspec.Struct, frozen=True):
    """What the host was ordered and did. `duplicates` are deliveries whose effect stood already,
    `refused` those that were not signed by us, since the start; `in_force` the orders that stand.
    """

    effects: list[Effect]
    deliveries: list[Delivery]
    duplicates: int
    refused: int
    in_force: list[str]
    mood: Mood


class DemoHost:
    """The host: signatures are verified by the machine's own time, effects noted by `clock`."""

    def __init__(self, ledger: Ledger, secret: str, clock: Clock) -> None:
        self._ledger = ledger
        self._webhook = Webhook(secret)
        self._now = clock.now
        self._mood = Mood()
        self._refused = 0

    def routes(self) -> list[BaseRoute]:
        """Everything under /demo/host."""
        return [
            ThinRoute("/demo/host/hook", self.take, methods=["POST"]),
            ThinRoute("/demo/host", self.report, methods=["GET"]),
            ThinRoute("/demo/host/mood", self.set_mood, methods=["POST"]),
            ThinRoute("/demo/host/page", self.page, methods=["GET"]),
        ]

    def feel(self, mood: Mood) -> None:
        """Answer otherwise from now on."""
        self._mood = mood

    async def take(self, request: Request) -> Response:
        """One delivery: verified, done once, answered when what was done is on disk."""
        body = await read_body(request.receive, dict(request.scope["headers"]), MAX_BODY)
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            self._refused += 1
            raise Problem(UNAUTHENTICATED, "webhook-signature: not ours, or too old") from None
        try:
            sent = _decode_sent(body)
        except msgspec.MsgspecError:
            raise Problem(MALFORMED_JSON, "body: not an event of the moderation service") from None
        mood = self._take_mood(sent.tenant)
        if mood.delay:
            await asyncio.sleep(mood.delay)
        await asyncio.to_thread(
            self._ledger.take,
            request.headers["webhook-id"],
            sent,
            status=mood.status,
            act=mood.acts or 200 <= mood.status < 300,
            now=self._now(),
        )
        return Response(status_code=mood.status)

    async def report(self, request: Request) -> Response:
        """What the host was ordered and what it did."""
        read_query(request.scope["query_string"], ())
        return JsonAnswer(_encode(await self._report()))

    async def set_mood(self, request: Request) -> Response:
        """Answer otherwise from now on; answers with the mood."""
        headers = dict(request.scope["headers"])
        require_json(headers)  # which a page of another site cannot send unasked
        mood = _decode_mood(await read_body(request.receive, headers, MAX_BODY))
        if not 200 <= mood.status <= 599:
            raise invalid("/status", "out_of_range", "status: use 200 to 599")
        if not 0 <= mood.delay <= MAX_DELAY:
            raise invalid("/delay", "out_of_range", f"delay: use 0 to {MAX_DELAY:.0f} seconds")
        if mood.times is not None and mood.times < 1:
            raise invalid("/times", "out_of_range", "times: use 1 and more, or null")
        self.feel(mood)
        return JsonAnswer(_encode(mood))

    async def page(self, request: Request) -> Response:
        """The same for people."""
        found = await self._report()
        return await asyncio.to_thread(show_page, request, found.effects, found.deliveries)

    async def _report(self) -> Report:
        effects, deliveries = await asyncio.to_thread(
            lambda: (self._ledger.effects(), self._ledger.deliveries())
        )
        return Report(
            effects=effects,
            deliveries=deliveries,
            duplicates=sum(delivery.repeated for delivery in deliveries),
            refused=self._refused,
            in_force=[effect.id for effect in in_force(effects)],
            mood=self._mood,
        )

    def _take_mood(self, tenant: str) -> Mood:
        """The mood for one delivery, which uses up one of its times."""
        mood = self._mood
        if mood.tenant not in (None, tenant):
            return Mood()
        if mood.times is not None:
            left = mood.times - 1
            self._mood = msgspec.structs.replace(mood, times=left) if left else Mood()
        return mood


_decode_sent = msgspec.json.Decoder(Sent).decode
_decode_mood = StrictDecoder(Mood).decode
_encode = msgspec.json.Encoder().encode

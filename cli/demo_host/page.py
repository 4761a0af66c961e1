"""The demo host's page: what stands at present, and everything that was ordered and done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cli.demo_host.ledger import Delivery, Effect, in_force
from service.web.languages import choose_language
from service.web.render import render_page

MOST: Final = 200
"""Rows of each table; the newest."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `on` is what it was done to, an id of the platform's and so a user's text."""

    at: datetime
    tenant: str
    type: str
    did: str
    on: str
    deliveries: int
    until: str | None


def show_page(request: Request, effects: list[Effect], deliveries: list[Delivery]) -> Response:
    """The page in the language asked for."""
    language = choose_language(
        request.query_params.get("lang"), request.headers.get("accept-language")
    )
    times: dict[tuple[str, str], int] = {}
    for delivery in deliveries:
        key = (delivery.type, delivery.id)
        times[key] = times.get(key, 0) + 1
    return render_page(
        "demo_host.html",
        language,
        standing=[_row(effect, times) for effect in in_force(effects)[-MOST:][::-1]],
        done=[_row(effect, times) for effect in effects[-MOST:][::-1]],
        counts={
            "effects": len(effects),
            "deliveries": len(deliveries),
            "duplicates": sum(delivery.repeated for delivery in deliveries),
        },
        most=MOST,
    )


def _row(effect: Effect, times: Mapping[tuple[str, str], int]) -> Row:
    data = _decode(effect.data)
    on = [data.get("account_id"), *data.get("data_ids", ()), *data.get("functions", ())]
    until = data.get("ends_at")
    return Row(
        at=effect.at,
        tenant=effect.tenant,
        type=effect.type,
        did=effect.did,
        on=" · ".join(str(part) for part in on if part),
        deliveries=times.get((effect.type, effect.id), 0),
        until=str(until)[:16].replace("T", " ") if until else None,
    )


_decode = msgspec.json.Decoder(dict[str, Any]).decode

"""The description of the calls that watch the service."""

from __future__ import annotations

from typing import Final

from service.operators.health import Readiness
from service.operators.openapi.pieces import STATUS, Object, Part, json, open_to_all, ref


def _ready() -> Object:
    found = open_to_all("readyz", "What works.", ref("Readiness"))
    found["responses"]["503"] = json("Moderation cannot answer.", ref("Readiness"))
    return found


def _metrics() -> Object:
    found = open_to_all("metrics", "Metrics for Prometheus.", STATUS)
    found["responses"]["200"] = {
        "description": "Metrics in Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    return found


PART: Final = Part(
    tag="operations",
    about="Health, metrics and this document.",
    paths={
        "/healthz": {"get": open_to_all("healthz", "Whether the process answers.", STATUS)},
        "/readyz": {"get": _ready()},
        "/metrics": {"get": _metrics()},
        "/openapi.json": {"get": open_to_all("openapi", "This document.", {"type": "object"})},
    },
    shapes=(Readiness,),
)

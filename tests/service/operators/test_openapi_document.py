"""The description of the API: complete, self-consistent, and true of the routes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from doors import open_door

from service.operators.openapi import KINDS, describe
from service.wiring.features import build_features

DOCUMENT = describe("1.2.3")


def walk(value: Any) -> Any:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def contents() -> Any:
    """Every media type object with the place it stands at."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {})
            yield from ((f"{method} {path}", c) for c in body.get("content", {}).values())
            for status, answer in operation["responses"].items():
                for content in answer.get("content", {}).values():
                    yield f"{method} {path} {status}", content


def test_every_route_is_described_and_nothing_else(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        features = build_features(door.services)
        served = {(row[0].lower(), row[1]) for feature in features for row in feature.routes}
    described = {(m, path) for path, methods in DOCUMENT["paths"].items() for m in methods}
    assert described == served


def test_every_reference_leads_somewhere() -> None:
    names = {found["$ref"].rsplit("/", 1)[-1] for found in walk(DOCUMENT) if "$ref" in found}
    assert names <= set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize(("place", "content"), list(contents()))
def test_every_example_fits_its_schema(place: str, content: dict[str, Any]) -> None:
    schema = content["schema"] | {"components": DOCUMENT["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema)
    for name, example in content.get("examples", {}).items():
        errors = [error.message for error in validator.iter_errors(example["value"])]
        assert errors == [], f"{place} {name}"


def test_every_code_has_a_schema_an_example_and_a_place() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    shown = {name for _, content in contents() for name in content.get("examples", {})}
    for kind in KINDS:
        assert schemas[f"Problem_{kind.code}"]["description"] == kind.meaning
        if kind.code not in ("method_not_allowed",):  # belongs to no operation
            assert kind.code in shown
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_there_is_an_example_for_each_verdict() -> None:
    answer = DOCUMENT["paths"]["/v1/moderations"]["post"]["responses"]["200"]
    examples = answer["content"]["application/json"]["examples"]
    assert {name: e["value"]["verdict"] for name, e in examples.items()} == {
        verdict: verdict for verdict in ("allow", "review", "block")
    }


def test_it_is_served_without_a_key_and_no_page_from_elsewhere_is(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        assert door.client.get("/openapi.json").json()["openapi"] == "3.1.0"
        for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
            assert door.client.get(path).status_code == 404

"""The whole product, started once for all tests of a file; each test leaves it running and well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from whole_product import Product, run_product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with run_product(tmp_path_factory.mktemp("product") / "data") as started:
        yield started
        assert started.stop() == []

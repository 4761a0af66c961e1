"""`./run soak`: the storm of the tests for as long as one likes, then what Redis' absence costs."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from storm import Plan, Storm  # noqa: E402
from whole_product import HARMLESS, Product, run_product  # noqa: E402


def main() -> int:
    """Blow, measure, stop; 1 when anything did not hold."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that nothing stays
    parser = argparse.ArgumentParser(prog="moderation soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long it blows")
    parser.add_argument("--decisions", type=int, default=1_000, help="how many are submitted")
    parser.add_argument("--seed", type=int, default=None, help="who is killed when; default: any")
    args = parser.parse_args()
    seed = random.randrange(10**6) if args.seed is None else args.seed
    plan = Plan(
        decisions=args.decisions,
        seconds=args.minutes * 60,
        seed=seed,
        pause=(2.0, 5.0),
        accounts=50,
        patience=300.0,
    )
    tell(f"soak: {args.decisions} decisions in {args.minutes:g} minutes, seed {seed}")
    with (
        tempfile.TemporaryDirectory(prefix="soak") as folder,
        run_product(Path(folder) / "data") as product,
    ):
        report = Storm(product, plan).blow()
        calm, cut_off = measure_without_redis(product)
        report.faults += product.stop()
    if max(report.health, default=0.0) > 1.0:
        report.faults.append("/healthz took longer than a second")
    for line in report.lines():
        tell(line)
    tell(
        f"p99 of moderation: {calm * 1000:.1f} ms with Redis, {cut_off * 1000:.1f} ms while it "
        f"hangs ({cut_off / calm:.2f} times)"
    )
    return 1 if report.faults else 0


def tell(line: str) -> None:
    """Say something to whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def measure_without_redis(
    product: Product, *, rounds: int = 6, requests: int = 200
) -> tuple[float, float]:
    """p99 in seconds of allowed messages with Redis answering and hanging, taking turns."""
    spent: dict[bool, list[float]] = {False: [], True: []}
    try:
        for turn in range(rounds):
            hangs = turn % 2 == 1
            (product.hang if hangs else product.wake)("valkey")
            for _ in range(requests):
                began = time.monotonic()
                assert product.call("POST", "/v1/moderations", {"text": HARMLESS}).status == 200
                spent[hangs].append(time.monotonic() - began)
    finally:
        product.wake("valkey")
    calm, cut_off = (sorted(times)[len(times) * 99 // 100] for times in spent.values())
    return calm, cut_off


if __name__ == "__main__":
    sys.exit(main())

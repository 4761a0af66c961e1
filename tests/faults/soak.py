"""`./run soak`: storm, broken files, and what Redis' absence costs, for as long as one likes; a
crowd of appeals and a long stream on demand."""

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

from crowd import Crowd, Size  # noqa: E402
from fixtures.fuzz import look  # noqa: E402
from river import flow  # noqa: E402
from storm import Plan, Report, Storm, settle_account, submit  # noqa: E402
from whole_product import HARMLESS, Product, run_product  # noqa: E402


def main() -> int:
    """Blow, measure, stop; 1 when anything did not hold."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that nothing stays
    parser = argparse.ArgumentParser(prog="moderation soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long it blows")
    parser.add_argument("--decisions", type=int, default=1_000, help="how many are submitted")
    parser.add_argument("--seed", type=int, default=None, help="who is killed when; default: any")
    parser.add_argument(
        "--only",
        choices=["storm", "redis_away", "files", "appeals", "stream"],
        help="this part alone",
    )
    parser.add_argument(
        "--appeals", type=int, default=100_000, help="how many a hundred clients file (--only)"
    )
    parser.add_argument(
        "--already", type=int, default=0, help="how many appeals the store has before (--only)"
    )
    parser.add_argument(
        "--entries", type=int, default=50_000, help="how many the stream brings (--only)"
    )
    args = parser.parse_args()
    seed = random.randrange(10**6) if args.seed is None else args.seed
    plan = Plan(
        decisions=args.decisions,
        seconds=args.minutes * 60,
        seed=seed,
        pause=(2.0, 5.0),
        accounts=50,
        patience=600.0,
    )
    faults: list[str] = []
    if args.only == "appeals":
        return 1 if crowd_appeals(args.appeals, args.already) else 0
    if args.only == "stream":
        return 1 if send_a_stream(args.entries) else 0
    if args.only in (None, "files"):
        faults += scan_broken_files(args.minutes * 60, seed)
        if args.only == "files":
            return 1 if faults else 0
    with (
        tempfile.TemporaryDirectory(prefix="soak") as folder,
        run_product(Path(folder) / "data") as product,
    ):
        if args.only != "redis_away":
            tell(f"soak: {args.decisions} decisions in {args.minutes:g} minutes, seed {seed}")
            report = Storm(product, plan).blow()
            if max(report.health, default=0.0) > 1.0:
                report.faults.append("/healthz took longer than a second")
            for line in report.lines():
                tell(line)
            faults += report.faults
        if args.only != "storm":
            faults += measure_redis_away(product, fresh=args.only is not None)
        left = product.stop()
        for fault in left:
            tell(f"FAULT: {fault}")
    return 1 if faults or left else 0


def scan_broken_files(seconds: float, seed: int) -> list[str]:
    """Broken files of every format, new ones with each seed; those that a scan did not bear."""
    tell(f"soak: broken files for {seconds:g} seconds, from number {seed} on")
    done, wrong = look(seconds, first=seed)
    tell(f"{done} broken files scanned, {len(wrong)} not borne")
    for line in wrong:
        tell(f"FAULT: {line}")
    return wrong


def send_a_stream(entries: int) -> list[str]:
    """Two consumers, one killed halfway; what did not hold."""
    tell(f"soak: {entries} entries through two consumers, one of which is killed halfway")
    report = flow(entries)
    for line in report.lines():
        tell(line)
    return report.faults


def crowd_appeals(appeals: int, already: int) -> list[str]:
    """A hundred clients contest decisions at once; what did not hold."""
    tell(f"soak: {appeals} appeals from a hundred clients, beside {already}")
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        report = Crowd(Path(folder), Size(appeals=appeals, already=already), say=tell).come()
    for line in report.lines():
        tell(line)
    return report.faults


def tell(line: str) -> None:
    """Say something to whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def measure_redis_away(product: Product, *, fresh: bool) -> list[str]:
    """Print what a Redis that hangs costs moderation; what was lost or took too long.

    With `fresh` the store holds nothing else, and every order is accounted for.
    """
    report = Report(seed=0)
    spent = take_turns(product, report)
    present, away = (sorted(times)[len(times) * 99 // 100] for times in spent.values())
    tell(
        f"redis_away_p99 {away / present:.2f} ({away * 1000:.1f} ms while Redis hangs, "
        f"{present * 1000:.1f} ms while it answers, {len(spent[True])} requests each)"
    )
    try:
        product.settle(seconds=120.0, hurry=True)
    except AssertionError as error:
        report.faults.append(str(error))
    if fresh:
        settle_account(product, report, told=False)
    for fault in report.faults:
        tell(f"FAULT: {fault}")
    if away > 2 * present:
        report.faults.append("p99 more than doubled")
    return report.faults


def take_turns(
    product: Product, report: Report, *, rounds: int = 10, requests: int = 300
) -> dict[bool, list[float]]:
    """Seconds that allowed messages took with Redis answering (False) and hanging, taking turns;
    a few breaches in each round leave orders that have to wait."""
    spent: dict[bool, list[float]] = {False: [], True: []}
    try:
        for turn in range(rounds):
            hangs = turn % 2 == 1
            (product.hang if hangs else product.wake)("valkey")
            submit(product, report, f"turn-{turn}")
            for _ in range(requests):
                began = time.monotonic()
                assert product.call("POST", "/v1/moderations", {"text": HARMLESS}).status == 200
                spent[hangs].append(time.monotonic() - began)
    finally:
        product.wake("valkey")
    return spent


if __name__ == "__main__":
    sys.exit(main())

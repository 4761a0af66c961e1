"""A storm: submissions from several threads while roles of the product are killed at random
moments, and the account that is settled afterwards between what was acknowledged, what the store
holds, and what the host did. Used by the tests (short) and by `./run soak` (long)."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

from whole_product import GAMBLING, ROLES, Product

TENANTS = ("demo", "demo-2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How hard it blows: so many submissions spread over `seconds`, a kill every `pause` seconds.

    After `seconds` nobody is killed any more, and what was not acknowledged by then still has to
    be. With `most_kills` it makes exactly so many, at random counts of acknowledged submissions, so
    that there is work under way on any machine; otherwise as many as fit. `hurry`: leases of the
    dead are made to end by the demo clock instead of waited for.
    """

    decisions: int
    seconds: float
    seed: int
    pause: tuple[float, float]
    threads: int = 4
    accounts: int = 12
    most_kills: int | None = None
    hurry: bool = False
    patience: float = 120.0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A submission that was answered with 200."""

    tenant: str
    data_id: str
    decision_id: str
    measures: tuple[str, ...]


@dataclass(slots=True)
class Kill:
    """One process killed; `back` is how many seconds it took until its work went on."""

    role: str
    at: float
    done: int = 0
    back: float | None = None


@dataclass(slots=True)
class Report:
    """What was seen. `faults` is empty when everything held."""

    seed: int
    acknowledged: dict[tuple[str, str], Acknowledged] = field(default_factory=dict)
    attempts: int = 0
    replays: int = 0
    kills: list[Kill] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    in_storm: int = 0
    settled: float = 0.0
    measures: int = 0
    effects: int = 0
    duplicates: int = 0
    delays: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterable[str]:
        """The report for people."""
        kills = Counter(kill.role for kill in self.kills)
        yield f"seed {self.seed}"
        yield (
            f"{len(self.acknowledged)} submissions acknowledged in {self.attempts} attempts, "
            f"{self.replays} of them answered from what was kept; {self.in_storm} during the storm"
        )
        yield "killed: " + ", ".join(f"{role} {count}" for role, count in sorted(kills.items()))
        for role in ROLES:
            back = [it.back for it in self.kills if it.role == role and it.back is not None]
            if back:
                yield f"  {role}: back after {median(back):.1f} s (median), at most {max(back):.1f}"
        yield (
            f"measures ordered {self.measures}, carried out {self.effects}, deliveries that "
            f"came again {self.duplicates}"
        )
        if self.delays:
            yield (
                f"from order to effect: {median(self.delays):.2f} s (median), "
                f"{max(self.delays):.1f} s (most)"
            )
        yield f"quiet {self.settled:.1f} s after the storm"
        if self.health:
            yield f"/healthz: {len(self.health)} answers, the slowest in {max(self.health):.2f} s"
        yield "faults: none" if not self.faults else f"FAULTS: {len(self.faults)}"
        yield from (f"  {fault}" for fault in self.faults[:50])


class Storm:
    """One run; `blow` does it all but the end of the product."""

    def __init__(self, product: Product, plan: Plan) -> None:
        self._product = product
        self._plan = plan
        self._lock = threading.Lock()
        self._calm = threading.Event()
        self._over = threading.Event()
        self.report = Report(plan.seed)

    def blow(self) -> Report:
        """Submit and kill, wait for quiet, settle the account."""
        numbers = iter(range(self._plan.decisions))
        clients = [
            threading.Thread(target=self._submit, args=(numbers, self._plan.seed + n))
            for n in range(self._plan.threads)
        ]
        watcher = threading.Thread(target=self._watch)
        killer = threading.Thread(target=self._kill)
        for thread in (*clients, watcher, killer):
            thread.start()
        try:
            killer.join()
            began = time.monotonic()
            self.report.in_storm = len(self.report.acknowledged)
            for client in clients:
                client.join()
            self._calm.set()
            self._product.settle(seconds=self._plan.patience, hurry=self._plan.hurry)
            self.report.settled = time.monotonic() - began
            wait_for(self._product.is_up, 60)
        except AssertionError as error:
            self.report.faults.append(str(error))
        finally:
            self._calm.set()
            self._over.set()
            watcher.join()
        settle_account(self._product, self.report, told=not self._plan.hurry)
        return self.report

    def _submit(self, numbers: Any, seed: int) -> None:
        """Take the next number, submit it until it is acknowledged, rest a little."""
        chance = random.Random(seed)
        rest = self._plan.seconds * self._plan.threads / self._plan.decisions
        while not self._over.is_set():
            with self._lock:
                number = next(numbers, None)
            if number is None:
                return
            deadline = time.monotonic() + self._plan.patience
            while not self._try_once(number):
                if time.monotonic() > deadline:
                    self._fault(f"submission {number} was not acknowledged in time")
                    break
                self._over.wait(chance.uniform(0.05, 0.3))
            self._over.wait(chance.uniform(0, 2 * rest))

    def _try_once(self, number: int) -> bool:
        tenant = TENANTS[number % len(TENANTS)]
        data_id = f"msg-{number}"
        item = {
            "text": f"{GAMBLING}编号{number}",
            "data_id": data_id,
            "account": {"id": f"u-{number % self._plan.accounts}"},
        }
        keyed = {"Idempotency-Key": data_id} if number % 3 else {}
        with self._lock:
            self.report.attempts += 1
        try:
            answer = self._product.call(
                "POST", "/v1/moderations", item, tenant=tenant, headers=keyed
            )
        except (OSError, http.client.HTTPException, ValueError):
            return False
        if answer.status == 503:
            return False
        if answer.status != 200:
            self._fault(f"{data_id}: status {answer.status}, {answer.body.get('code')}")
            return True
        if answer.body["verdict"] != "block" or not answer.body["measures"]:
            self._fault(f"{data_id}: {answer.body['verdict']} with no measure")
        ids = tuple(measure["id"] for measure in answer.body["measures"])
        found = Acknowledged(tenant, data_id, answer.body["decision_id"], ids)
        with self._lock:
            self.report.replays += answer.replayed
            self.report.acknowledged[tenant, data_id] = found
        return True

    def _kill(self) -> None:
        """Kill one role after the other; when, and in which order, is the seed's choice.

        A role that has not recovered is left alone: what never stands up cannot be knocked down.
        """
        who, when = random.Random(self._plan.seed), random.Random(self._plan.seed)
        due: list[str] = []
        most, many = self._plan.most_kills, self._plan.decisions
        points = sorted(when.sample(range(many // 8, many * 7 // 8), most or 0))
        grace = 0.0 if most is None else self._plan.patience
        deadline = time.monotonic() + self._plan.seconds + grace
        while time.monotonic() < deadline:
            if most is None:
                self._over.wait(when.uniform(*self._plan.pause))
                if self._calm.is_set():
                    return
            elif not points:
                return
            elif len(self.report.acknowledged) < points[0]:
                self._over.wait(0.02)
                continue
            due = due or who.sample(sorted(ROLES), len(ROLES))
            with self._lock:
                down = {kill.role for kill in self.report.kills if kill.back is None}
                ready = [role for role in due if role not in down]
            if not ready:
                self._over.wait(0.02)
            elif self._product.kill(ready[0]):
                due.remove(ready[0])
                points = points[1:]
                with self._lock:
                    kill = Kill(ready[0], time.time(), done=self._product.done())
                    self.report.kills.append(kill)

    def _watch(self) -> None:
        """Ask /healthz all the time; note how long answers take and who is back."""
        while not self._over.wait(0.2):
            api = self._product.pid_of("api")
            began = time.monotonic()
            try:
                self._product.call("GET", "/healthz", timeout=20)
            except (OSError, http.client.HTTPException, ValueError):
                is_alive = False
            else:
                is_alive = True
                if api == self._product.pid_of("api"):  # it ran from before to after
                    self.report.health.append(time.monotonic() - began)
            if is_alive:
                self._note_back("api")
            if self._product.redis_answers():
                self._note_back("valkey")
            self._note_back("worker", self._product.done(), idle=self._product.waiting() == 0)

    def _note_back(self, role: str, done: int = 0, *, idle: bool = True) -> None:
        """A role works again: a worker does once more is done than when it was killed."""
        now = time.time()
        with self._lock:
            for kill in self.report.kills:
                if kill.role == role and kill.back is None and (idle or done > kill.done):
                    kill.back = now - kill.at

    def _fault(self, what: str) -> None:
        with self._lock:
            self.report.faults.append(what)


def submit(product: Product, report: Report, when: str, *, many: int = 5) -> None:
    """Have breaches decided; each is answered with its measures at the first attempt."""
    for number in range(many):
        item = {"text": GAMBLING, "data_id": f"{when}-{number}", "account": {"id": f"u-{number}"}}
        answer = product.call("POST", "/v1/moderations", item)
        assert answer.status == 200
        found = answer.body
        measures = tuple(measure["id"] for measure in found["measures"])
        key = "demo", found["data_id"]
        report.acknowledged[key] = Acknowledged(*key, found["decision_id"], measures)


def settle_account(product: Product, report: Report, *, told: bool) -> None:
    """Compare what was acknowledged, what the store holds and what the host did.

    With `told` the times between order and effect are noted, too (the clock was left alone).
    """
    faults = report.faults
    decisions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for tenant, data_id, id_ in product.ask("SELECT tenant_id, data_id, id FROM decisions"):
        decisions[tenant, data_id].append(id_)
    for key, found in report.acknowledged.items():
        if decisions.get(key) != [found.decision_id]:
            faults.append(f"{key}: acknowledged {found.decision_id}, stored {decisions.get(key)}")
    for key in decisions.keys() - report.acknowledged.keys():
        faults.append(f"{key}: decided, and never acknowledged")

    measures = {
        id_: (decision, state, created)
        for id_, decision, state, created in product.ask(
            "SELECT id, decision_id, state, created_at FROM measures"
        )
    }
    report.measures = len(measures)
    promised = [id_ for found in report.acknowledged.values() for id_ in found.measures]
    if sorted(promised) != sorted(measures):
        faults.append(f"{len(promised)} measures promised, {len(measures)} stored, or others")
    faults += [
        f"measure {id_} is {state}"
        for id_, (_, state, _) in measures.items()
        if state != "in_force"
    ]
    _compare_host(product, report, measures, told=told)
    _compare_audit(product, report, set(measures))


def _compare_host(
    product: Product, report: Report, measures: dict[str, tuple[str, str, int]], *, told: bool
) -> None:
    faults = report.faults
    host = product.host()
    effects = [effect for effect in host["effects"] if effect["type"] == "measure.ordered"]
    report.effects, report.duplicates = len(effects), host["duplicates"]
    done = Counter(effect["id"] for effect in effects)
    faults += [f"measure {id_} was lost" for id_ in measures.keys() - done.keys()]
    faults += [f"effect for {id_}, which nobody ordered" for id_ in done.keys() - measures.keys()]
    faults += [f"measure {id_} took effect {n} times" for id_, n in done.items() if n > 1]
    faults += [
        f"measure {e['id']}: the host did {e['did']}" for e in effects if e["did"] == "nothing"
    ]
    if host["refused"]:
        faults.append(f"{host['refused']} deliveries were not signed as they should be")

    if told:
        report.delays += [
            read_time(effect["at"]) - measures[effect["id"]][2] / 1e6
            for effect in effects
            if effect["id"] in measures
        ]

    names = defaultdict(set)
    for delivery in host["deliveries"]:
        names[delivery["type"], delivery["id"]].add(delivery["webhook_id"])
    faults += [f"{key}: sent under {len(ids)} ids" for key, ids in names.items() if len(ids) > 1]

    rows = product.ask("SELECT tenant_id, subject, topic, ref, state FROM outbox ORDER BY seq")
    faults += [f"the row for {row[3]} is {row[4]}" for row in rows if row[4] != "done"]
    wanted, subjects = defaultdict(list), {}
    for tenant, subject, topic, ref, _ in rows:
        if not topic.startswith("host.deliver:"):
            continue
        event = topic.partition(":")[2], ref
        subjects[event] = (tenant, subject)
        wanted[tenant, subject].append(event)
    found = defaultdict(list)
    for effect in host["effects"]:
        event = effect["type"], effect["id"]
        found[subjects.get(event)].append(event)
    faults += [
        f"{subject}: orders {orders}, effects {found[subject]}"
        for subject, orders in wanted.items()
        if found[subject] != orders
    ]


def _compare_audit(product: Product, report: Report, measures: set[str]) -> None:
    moves = defaultdict(list)
    rows = product.ask(
        "SELECT subject_id, detail FROM audit WHERE subject_kind = 'measure' ORDER BY at, id"
    )
    for id_, detail in rows:
        moves[id_].append(json.loads(detail)["to"])
    report.faults += [
        f"measure {id_}: the audit says {moves[id_]}"
        for id_ in measures
        if moves[id_] != ["ordered", "in_force"]
    ]


def read_time(text: str) -> float:
    """Seconds since 1970 of a time in JSON."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def wait_for(holds: Callable[[], object], seconds: float) -> None:
    """Return when it holds; AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the product is not well again"
        threading.Event().wait(0.1)

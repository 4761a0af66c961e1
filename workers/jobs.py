"""The one kind of job in the queue, and how every other is recognised.

RQ runs whatever callable a job names, and whatever callbacks and web hooks hang on it; whoever can
write into Redis could run anything. So a job of ours names nothing: it holds three ids, and the
class that reads jobs refuses whatever looks different, before anything in it is used.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from redis.exceptions import RedisError, ResponseError
from rq import Queue
from rq import Retry as RqRetry
from rq.job import Job
from rq.serializers import JSONSerializer

from service.kernel.outbox import Claim
from service.kernel.redis_client import Redis

QUEUE: Final = "moderation"
NAME: Final = "carry_out"
"""What our jobs have where others name a callable. There is no callable of that name."""

RETRIES: Final = 3
KEPT_SECONDS: Final = 7 * 24 * 3600
"""How long a refused or failed job can be looked at in the queue's registry of failed jobs."""

TIMEOUT: Final = 600
"""Seconds that a job may be under way; hung ones are found sooner (`workers.watchdog`)."""

LONGEST_DATA: Final = 4_096


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a job says: whose work it is, and by which claim."""

    tenant: str
    subject: str
    fence: int


class Refused(Exception):
    """A job that none of us wrote; `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


_FIXED: Final = {
    "failure_callback_name": b"",
    "group_id": b"",
    "retry_intervals": b"[0]",
    "stopped_callback_name": b"",
    "success_callback_name": b"",
}
"""Fields that RQ writes for ours, too, and that are always the same."""

_OURS: Final = frozenset(_FIXED) | {
    "created_at",
    "data",
    "description",
    "ended_at",
    "enqueued_at",
    "exc_info",
    "failure_ttl",
    "last_heartbeat",
    "number_of_retries",
    "origin",
    "result_ttl",
    "retries_left",
    "started_at",
    "status",
    "timeout",
    "worker_name",
}
"""The fields of a job that RQ writes for ours; no others are read."""

_read_data = msgspec.json.Decoder(tuple[str, None, tuple[()], Payload], strict=True).decode


def read_payload(fields: Mapping[str, bytes]) -> Payload:
    """What a job says, from the fields of its hash in Redis; raises `Refused`."""
    # The gravest first, whatever order the fields come in: Redis keeps none.
    if any(name.endswith("_callback_name") and value for name, value in fields.items()):
        raise Refused("callback")
    if "webhooks" in fields:
        raise Refused("webhook")
    for name, value in fields.items():
        if name not in _OURS:
            raise Refused("field")
        if _FIXED.get(name, value) != value:
            raise Refused("field")
    raw = fields.get("data", b"")
    try:
        opened = zlib.decompressobj()
        data = opened.decompress(raw, LONGEST_DATA)
        if opened.unconsumed_tail:
            raise Refused("malformed")
    except zlib.error:
        data = raw[:LONGEST_DATA]
    if data[:1] == b"\x80":
        raise Refused("pickle")
    try:
        name, _, _, payload = _read_data(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refused("callable" if _names_another(data) else "malformed") from None
    if name != NAME:
        raise Refused("callable")
    return payload


def _names_another(data: bytes) -> bool:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and bool(found) and found[0] != NAME


class TopicJob(Job):
    """A job that holds ids only, and refuses to be anything else."""

    payload: Payload | None = None
    refusal: str | None = None
    carry_out: Callable[[Claim], object] | None = None
    """What the worker does with a claim; set on its subclass of this class."""

    def refresh(self) -> None:
        """Read the job from Redis; what lies there in another form is refused."""
        try:
            super().refresh()  # type: ignore[no-untyped-call]
        except ResponseError:
            self._refuse("malformed")

    def restore(self, raw_data: Mapping[Any, bytes]) -> None:
        """Take over the fields of a job's hash: ours, or those of a harmless, refused one."""
        try:
            fields = {_as_text(name): value for name, value in raw_data.items()}
            self.payload = read_payload(fields)
            super().restore(raw_data)
        except Refused as error:
            self._refuse(error.why)
        except RedisError:
            raise
        except Exception:  # a number, a date or a text that RQ cannot read
            self._refuse("malformed")

    def perform(self) -> None:
        """Do the work; what goes wrong is told by its type alone."""
        if self.payload is None or type(self).carry_out is None:
            raise Refused(self.refusal or "malformed")
        claim = Claim(self.payload.tenant, self.payload.subject, self.payload.fence)
        try:
            type(self).carry_out(claim)  # type: ignore[misc]
        except Exception as error:
            raise JobFailed(type(error).__name__) from None

    def _refuse(self, why: str) -> None:
        self.payload, self.refusal = None, why
        super().restore(
            {
                "data": JSONSerializer.dumps([NAME, None, [], {}]),
                "origin": QUEUE.encode(),
                "status": b"queued",
                "created_at": _NO_DATE,
                "description": b"refused",
                "failure_ttl": str(KEPT_SECONDS).encode(),
            }
        )


_NO_DATE: Final = datetime(1970, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()


class JobFailed(Exception):
    """The work of a job broke off; the message is the error's type."""


def _as_text(name: bytes | str) -> str:
    return name if isinstance(name, str) else name.decode("utf-8")


class JobQueue:
    """The queue, seen from whoever puts jobs into it."""

    def __init__(self, client: Redis) -> None:
        self.rq = Queue(QUEUE, connection=client, job_class=TopicJob, serializer=JSONSerializer)

    def depth(self) -> int:
        """How many jobs wait; raises `RedisError`."""
        return int(self.rq.count)

    def add(self, claims: list[Claim]) -> None:
        """One job for each claim, in one round trip; raises `RedisError`.

        When it raises, some of them may have arrived all the same.
        """
        self.rq.enqueue_many(
            [
                Queue.prepare_data(
                    NAME,
                    kwargs={"tenant": c.tenant_id, "subject": c.subject, "fence": c.fence},
                    timeout=TIMEOUT,
                    result_ttl=0,
                    failure_ttl=KEPT_SECONDS,
                    description=NAME,
                    retry=RqRetry(max=RETRIES),
                )
                for c in claims
            ]
        )

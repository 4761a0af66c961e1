"""The worker: takes jobs from one queue and carries them out in its own process."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, ClassVar

from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job_lifecycle import record_job_failure
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import WorkerStatus
from sqlalchemy import Engine

from service.kernel.clock import Clock, ticks
from service.kernel.db import WRITES, storage_error
from service.kernel.outbox import Claim
from service.kernel.redis_client import Redis, RedisError, is_here, open_redis
from service.kernel.refused import count_refused
from service.kernel.topics import Topics
from workers.jobs import QUEUE, TopicJob
from workers.topics import carry_out
from workers.watchdog import Watchdog

log = logging.getLogger("moderation.worker")
for name in ("rq.worker", "rq.job", "rq.queue", "rq.registry"):
    logging.getLogger(name).setLevel(logging.WARNING)  # below it quotes ids that anybody may choose

WORKER_SECONDS = 20
"""How long a worker is believed to live without a sign; it waits for jobs 15 seconds less."""

SIGN_SECONDS = 5.0
"""How often a worker gives a sign at most."""

REDIS_SECONDS = 20.0
RETRY_SECONDS = 0.5
"""How often a Redis that is away is looked for."""


class NoAlarm(BaseDeathPenalty):
    """No time limit by signal, which could break off a transaction: the watchdog looks on."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class TopicWorker(SimpleWorker):
    """RQ's worker without what we do not want of it: forks, commands from Redis, callables."""

    death_penalty_class = NoAlarm
    max_connection_wait_time = 2.0
    log_result_lifespan = False
    count_refused: ClassVar[Callable[..., object]]
    told_at = float("-inf")

    def bootstrap(self, *_args: Any, **_options: Any) -> None:
        """Announce the worker; logging is ours."""
        self.register_birth()  # type: ignore[no-untyped-call]
        self.set_state(WorkerStatus.STARTED)

    def subscribe(self) -> None:
        """Take no commands: whoever can publish in Redis could stop workers and jobs."""

    def unsubscribe(self) -> None:
        """There is nothing to take back."""

    def check_for_suspension(self, burst: bool) -> None:
        """Let nobody suspend workers by a key in Redis."""

    def _install_signal_handlers(self) -> None:
        """Signals are `Worker`'s."""

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Give a sign of life, but not before and after each job: three round trips each time."""
        if pipeline is None:
            if ticks() - self.told_at < SIGN_SECONDS:
                return
            self.told_at = ticks()
        super().heartbeat(timeout, pipeline)

    def ask_to_stop(self) -> None:
        """End after the job under way, or at once while waiting for one; from a signal handler."""
        if self._state == WorkerStatus.BUSY:
            self._stop_requested = True
        else:
            raise StopRequested

    def execute_job(self, job: Any, queue: Any) -> None:
        """Carry a job out, unless it is none of ours."""
        if job.refusal is None:
            super().execute_job(job, queue)
            return
        type(self).count_refused(job.refusal, job.id)
        # What lies in Redis is replaced as well: nobody else shall run it either.
        with self.connection.pipeline() as pipe:
            pipe.lrem(queue.intermediate_queue_key, 1, job.id)
            pipe.delete(job.key, job.dependents_key, job.dependencies_key)
            record_job_failure(job, f"refused: {job.refusal}", pipe)
            pipe.execute()


class Worker:
    """Works until it is told to stop, whether Redis is there or not."""

    def __init__(
        self,
        *,
        engine: Engine,
        redis_url: str,
        topics: Topics,
        clock: Clock,
        watchdog: Watchdog | None = None,
    ) -> None:
        self._engine = engine
        self._redis_url = redis_url
        self._topics = topics
        self._clock = clock
        self._watchdog = watchdog or Watchdog()
        self._stop = threading.Event()

        self._rq: TopicWorker | None = None
        # RQ makes jobs and workers from classes, so what they need is given to the classes.
        self._job_class = type("OurJob", (TopicJob,), {"carry_out": staticmethod(self.carry_out)})
        self._worker_class = type(
            "OurWorker", (TopicWorker,), {"count_refused": staticmethod(self.count_refused)}
        )

    def carry_out(self, claim: Claim) -> int:
        """Carry out a claimed subject's work, looked on by the watchdog."""
        try:
            return carry_out(
                self._engine,
                self._topics,
                self._clock,
                claim,
                beat=self._watchdog.beat,
                stopping=self._stop.is_set,
            )
        finally:
            self._watchdog.rest()

    def count_refused(self, why: str, job_id: str) -> None:
        """Log and count a job that is none of ours; a store that is away does not count."""
        log.warning("a job was refused", extra={"why": why})
        try:
            with self._engine.execution_options(**{WRITES: True}).begin() as conn:
                count_refused(conn, why=why, job_id=job_id, now=self._clock.now())
        except Exception as error:
            if storage_error(error) is None:
                raise
            log.error("a refused job was not counted", extra={"why": why})

    def work(self, *, burst: bool = False) -> None:
        """Take jobs until `stop`; with `burst` until the queue is empty, or Redis away."""
        self._watchdog.start()
        client = open_redis(self._redis_url, seconds=REDIS_SECONDS)
        told = False
        try:
            while not self._stop.is_set():
                if is_here(client):
                    told = False
                    self._work_once(client, burst=burst)
                elif not told:
                    told = True
                    log.warning("Redis does not answer; looking for it")
                if burst:
                    return
                self._stop.wait(RETRY_SECONDS)
        finally:
            client.close()
            self._watchdog.stop()

    def stop(self) -> None:
        """End after the row that is being carried out; what is left goes back."""
        self._stop.set()

    def run_until_signal(self) -> None:
        """Work until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        self.work()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
        if self._rq is not None:
            self._rq.ask_to_stop()

    def _work_once(self, client: Redis, *, burst: bool) -> None:
        """One life of RQ's worker; it ends when told to, or when Redis goes away."""
        try:
            self._rq = self._worker_class(
                [QUEUE],
                connection=client,
                job_class=self._job_class,
                serializer=JSONSerializer,
                worker_ttl=WORKER_SECONDS,
                log_job_description=False,
                name=f"{os.getpid()}-{os.urandom(4).hex()}",
            )
            self._rq.work(burst=burst)
        except (RedisError, OSError) as error:
            log.warning("Redis went away", extra={"error": type(error).__name__})
        except StopRequested:  # between two jobs
            pass
        finally:
            self._rq = None

"""The stream on the side of Redis: reading, claiming, and handing in results exactly once.

A result is added only in the same step that acknowledges its entry, and only if the entry was
still unacknowledged: a script does both, which Redis runs as one transaction. So a result handed
in twice, after an answer got lost or by a consumer that was taken for dead, is there once.
(`MULTI` could not tell, and costs five times the processor time in Python.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

from service.moderation.stream import Answer, Entry, Settled

SUBMISSIONS: Final = "moderation:submissions"
DECISIONS: Final = "moderation:decisions"
DEAD: Final = "moderation:dead"
GROUP: Final = "moderation"

BLOCK_MILLISECONDS: Final = 500
"""How long a read waits for an entry, and so how long a consumer takes to notice its end."""

ANSWER_SECONDS: Final = 3.0
"""How long Redis may take to answer before the connection is given up."""

_NEVER: Final = 2**53

TOGETHER: Final = 3
"""Deliveries from which on an entry is claimed alone: its consumers may have died of it."""


class Claimed(NamedTuple):
    """Entries taken over from a dead consumer; `deliveries` is the highest count among them."""

    entries: list[Entry]
    deliveries: int


def open_redis(url: str) -> Redis:
    """A client that neither tries again nor waits longer than it must: the caller does both."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        protocol=2,
    )


class Stream:
    """The stream for one consumer, named `consumer`; every call may raise `RedisError`.

    `most_decisions` and `most_dead` are about how many results and dead letters are kept.
    """

    def __init__(self, redis: Redis, consumer: str, *, most_decisions: int, most_dead: int) -> None:
        self._redis = redis
        self._consumer = consumer
        self._limits = (most_decisions, most_dead)
        self._hand_in = self._trim = self._leave = ""

    def open(self) -> None:
        """Make what is missing: the group, which begins with the stream's first entry, and the
        scripts. After every connection that was lost, since Redis may have come back empty."""
        try:
            self._call("XGROUP", "CREATE", SUBMISSIONS, GROUP, "0", "MKSTREAM")
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._hand_in, self._trim, self._leave = (
            self._call("SCRIPT", "LOAD", script) for script in (_HAND_IN, _TRIM, _LEAVE)
        )

    def read(self, count: int, wait: bool = True) -> list[Entry]:
        """The next entries that nobody has had yet; none when none comes in a while, or none is
        there when it shall not `wait`."""
        block = ("BLOCK", BLOCK_MILLISECONDS) if wait else ()
        found = self._call(
            "XREADGROUP", "GROUP", GROUP, self._consumer,
            "COUNT", count, *block, "STREAMS", SUBMISSIONS, ">",
        )  # fmt: skip
        return _entries(found[0][1]) if found else []

    def read_own(self, count: int) -> list[Entry]:
        """Entries given to this consumer and not acknowledged: a read's answer may get lost."""
        pending = self._call(
            "XPENDING", SUBMISSIONS, GROUP, "-", "+", count, self._consumer
        )  # fmt: skip
        entries: list[Entry] = []
        for id_, *_ in pending:
            found = self._call("XRANGE", SUBMISSIONS, id_, id_)
            if found:
                entries += _entries(found)
            else:
                self._call("XACK", SUBMISSIONS, GROUP, id_)
        return entries

    def claim(self, count: int, idle_seconds: float) -> Claimed:
        """Take over entries that were delivered so long ago that their consumer must be dead.

        Entries delivered often come one at a time, so that one which kills its consumers is told
        from those beside it.
        """
        idle = int(idle_seconds * 1_000)
        pending = self._call("XPENDING", SUBMISSIONS, GROUP, "IDLE", idle, "-", "+", count)
        if not pending:
            return Claimed([], 0)
        wanted = [row for row in pending if row[3] < TOGETHER]
        if not wanted:
            wanted = [min(pending, key=lambda row: int(row[3]))]
        found = self._call(
            "XCLAIM", SUBMISSIONS, GROUP, self._consumer, idle, *(row[0] for row in wanted)
        )
        return Claimed(_entries(found), max(int(row[3]) for row in wanted))

    def hand_in(self, results: Sequence[Settled]) -> int:
        """Add results and acknowledge their entries; how many were not acknowledged before."""
        words: list[str | bytes] = []
        for result in results:
            kind = "d" if isinstance(result, Answer) else "x"
            words += (kind, *result)
        keys = (3, SUBMISSIONS, DECISIONS, DEAD)
        return int(self._call("EVALSHA", self._hand_in, *keys, GROUP, *self._limits, *words))

    def trim(self) -> int:
        """Delete entries that every group has acknowledged: they hold people's texts."""
        return int(self._call("EVALSHA", self._trim, 1, SUBMISSIONS))

    def remove_gone(self, idle_seconds: float) -> None:
        """Take consumers out of the group that did nothing for so long and hold no entries."""
        self._call("EVALSHA", self._leave, 1, SUBMISSIONS, GROUP, "", int(idle_seconds * 1_000))

    def leave(self) -> None:
        """Take this consumer out of the group, unless it holds entries."""
        self._call("EVALSHA", self._leave, 1, SUBMISSIONS, GROUP, self._consumer, _NEVER)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def _call(self, *words: Any) -> Any:
        """A command's plain answer; redis-py would make a dict of fields, and of two equal ones
        one."""
        connection = self._redis.connection_pool.get_connection()
        try:
            connection.send_command(*words)
            return connection.read_response(disable_decoding=True)
        except ResponseError:
            raise
        except BaseException:  # half of an answer may wait on this connection
            connection.disconnect()
            raise
        finally:
            self._redis.connection_pool.release(connection)


def _entries(found: Iterable[Any]) -> list[Entry]:
    """Entries from `[id, [name, value, …]]`; those deleted meanwhile are left out."""
    entries = []
    for row in found:
        if not row or row[1] is None:
            continue
        fields = row[1]
        items = [fields[at + 1] for at in range(0, len(fields), 2) if fields[at] == b"item"]
        entries.append(Entry(row[0].decode(), items[0] if len(items) == 1 else None))
    return entries


# A Redis that is full takes these scripts, since only they make room.

_HAND_IN: Final = """#!lua flags=allow-oom
local added = 0
for at = 4, #ARGV, 4 do
  local kind, entry, second, third = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if redis.call('XACK', KEYS[1], ARGV[1], entry) == 1 then
    if kind == 'd' then
      redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*',
        'entry', entry, 'data_id', second, 'decision', third)
    else
      redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*',
        'entry', entry, 'error', second, 'item', third)
    end
    added = added + 1
  end
end
return added
"""

_TRIM: Final = """#!lua flags=allow-oom
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local least_ms, least_seq
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local about = {}
  for at = 1, #group, 2 do about[group[at]] = group[at + 1] end
  local ms, seq
  if about['pending'] > 0 then
    ms, seq = parts(redis.call('XPENDING', KEYS[1], about['name'])[2])
  else
    ms, seq = parts(about['last-delivered-id'])
    seq = seq + 1
  end
  if least_ms == nil or ms < least_ms or (ms == least_ms and seq < least_seq) then
    least_ms, least_seq = ms, seq
  end
end
if least_ms == nil or least_ms >= 2^53 or least_seq >= 2^53 then return 0 end
return redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f-%.0f', least_ms, least_seq))
"""

_LEAVE: Final = """#!lua flags=allow-oom
local left = 0
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local about = {}
  for at = 1, #consumer, 2 do about[consumer[at]] = consumer[at + 1] end
  local gone = about['name'] == ARGV[2] or about['idle'] > tonumber(ARGV[3])
  if gone and about['pending'] == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], about['name'])
    left = left + 1
  end
end
return left
"""

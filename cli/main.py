"""The console script `moderation`: finds the command's module, and loads no other.

Each command is a module of this package with `add_parser(subparsers)` and `run(args) -> int`. Only
the one that was asked for is imported, so that `moderation settings` answers without waiting for
numpy. Without a command everything is started (`cli.supervise`).
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol, cast


class Parsers(Protocol):
    """What a command's `add_parser` is given: the sub-parsers of `argparse`, without its type."""

    def add_parser(
        self, name: str, *, help: str | None = ..., description: str | None = ...
    ) -> argparse.ArgumentParser: ...


class CommandModule(Protocol):
    """The form of a command's module."""

    def add_parser(self, subparsers: Parsers) -> object: ...

    def run(self, args: argparse.Namespace) -> int: ...


class Command(NamedTuple):
    """Where a command lives, and the line that `--help` says about it.

    With `passes_on` the words after it are not looked at but handed over in `args.words`.
    """

    module: str
    summary: str
    passes_on: bool = False


COMMANDS = {
    "start": Command("cli.supervise", "set up and start everything (also without a command)"),
    "serve": Command("cli.serve", "the API and the web pages"),
    "consume": Command("cli.consume", "the consumer of the stream moderation:submissions"),
    "worker": Command("cli.worker", "carries out the work that waits: orders to the host, notices"),
    "scan": Command("cli.scan", "opens uploaded files in a child process, and judges them"),
    "schedule": Command("cli.schedule", "puts work into the queue; what time alone does"),
    "valkey": Command("cli.valkey", "the embedded server of the queue and the stream"),
    "migrate": Command("cli.migrate", "bring the store to this version's form"),
    "demo": Command("cli.demo", "write .data/demo.json: two tenants with their keys"),
    "keys": Command("cli.keys", "create a key for a tenant"),
    "people": Command("cli.people", "people who may sign in: create, list, disable"),
    "audit": Command("cli.audit", "verify the audit: nothing changed, removed, put in or moved"),
    "referral": Command("cli.referral", "check a referral's package, offline"),
    "settings": Command("cli.settings", "every setting with its default and meaning"),
    "classify": Command("cli.classify", "JSON lines in, results out; no store, no server"),
    "wordlists": Command("cli.wordlists", "import and check word lists"),
    "train": Command("cli.train", "fit a model version from labelled JSON lines"),
    "evaluate": Command("cli.evaluate", "measure a model on labelled JSON lines"),
    "banks": Command("cli.banks", "known bad content: import, export, list"),
    "labels": Command("cli.labels", "what people found, as JSON lines to train with"),
    "test": Command("cli.test", "the tests; further arguments go to pytest", passes_on=True),
    "bench": Command("cli.bench", "the benchmarks as a table", passes_on=True),
    "soak": Command("cli.soak", "kills its own processes at random and reports", passes_on=True),
}
DEFAULT = "start"
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
PIPE_CLOSED = 141  # 128 + SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    return load(sys.argv[1:] if arguments is None else arguments)()


def load(arguments: Sequence[str]) -> Callable[[], int]:
    """Find the command and import its module; the result runs it."""
    words = list(arguments) or [DEFAULT]
    command = COMMANDS.get(words[0])
    if command is None:
        return partial(_answer_without_command, words)
    module = cast(CommandModule, importlib.import_module(command.module))
    if command.passes_on:
        return partial(_run, module, argparse.Namespace(command=words[0], words=words[1:]))
    parser = argparse.ArgumentParser(prog="moderation", allow_abbrev=False)
    module.add_parser(parser.add_subparsers(dest="command", required=True))
    return partial(_run, module, parser.parse_args(words))


def _run(module: CommandModule, args: argparse.Namespace) -> int:
    try:
        return module.run(args)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough. Python would complain again at exit, when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _answer_without_command(words: Sequence[str]) -> int:
    """`--help`, or a word that is no command."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    usage = "usage: moderation [COMMAND] [--help]\n\ncommands:\n" + "\n".join(lines)
    if words[0] in {"-h", "--help", "help"}:
        print(usage)
        return 0
    print(f"moderation: there is no command {words[0]!r}.\n\n{usage}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

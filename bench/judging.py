"""Benchmarks of detection alone, in this process: speed, and how it grows with text and lists.

Time is CPU time of this process, so that what else runs on the machine counts less; nothing here
waits for anything.
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable, Iterable, Sequence
from time import process_time

from bench.cores import pin, server_core
from bench.figures import Figure, Size, alternate, compare
from bench.messages import SEED, draw, write_long_texts
from bench.naive import NaivePipeline
from models.classifier import artefact
from models.classifier.classifier import Classifier
from models.classifier.linear import READER
from models.match.matcher import Matcher
from service.detection.judge import Judge
from service.policy import catalogue
from service.settings import Settings, load_settings
from service.version import VERSION
from wordlists import load as wordlists
from wordlists.model import Entry, Mode, WordLists


def compare_with_naive(size: Size) -> list[Figure]:
    """`classify_vs_naive`: messages a second of the judge over those of the usual pipeline."""
    pin(server_core())
    model, lists = _load()
    judge = _make_judge(model, lists).judge
    classify = NaivePipeline(lists.entries, model.linear).classify
    messages = draw(size.messages)
    some = messages[: size.naive_messages]
    for message in messages:  # tables fill, libraries load what they need
        judge(message)
    for message in some[:50]:
        classify(message)
    pairs = alternate(
        size.rounds,
        lambda: len(messages) / _time(judge, messages),
        lambda: len(some) / _time(classify, some),
    )
    return [
        compare(
            "classify_vs_naive",
            pairs,
            lambda ours, theirs: ours / theirs,
            lambda ours, theirs: (
                f"judge: {ours:,.0f} messages/s ({1e6 / ours:,.1f} µs)",
                f"naive: {theirs:,.0f} messages/s ({1e6 / theirs:,.0f} µs)",
            ),
            [f"{len(model.labels)} labels, {len(model.linear.keys):,} features, read by "
             f"{READER.__name__}, {len(lists.entries):,} entries"],
        )
    ]  # fmt: skip


def compare_list_sizes(size: Size) -> list[Figure]:
    """`wordlist_growth`: time of whole detection with many random entries over few."""
    pin(server_core())
    model, lists = _load()
    entries = _random_entries(size.many, lists)
    small, large = (
        _make_judge(model, _with_entries(lists, entries[:count])).judge
        for count in (size.few, size.many)
    )
    messages = draw(size.messages)
    for message in messages:
        small(message)
        large(message)
    pairs = alternate(
        size.rounds,
        lambda: _time(large, messages) / len(messages) * 1e6,
        lambda: _time(small, messages) / len(messages) * 1e6,
    )
    return [
        compare(
            "wordlist_growth",
            pairs,
            lambda many, few: many / few,
            lambda many, few: (
                f"{size.many:,} more entries: {many:,.1f} µs a message",
                f"{size.few:,} more entries: {few:,.1f} µs a message",
            ),
        )
    ]


def compare_lengths(size: Size) -> list[Figure]:
    """`length_growth`: time for texts over the time for one half of each."""
    pin(server_core())
    model, lists = _load()
    judge = _make_judge(model, lists).judge
    whole = write_long_texts(size.long_texts, size.long_length)
    middle = size.long_length // 2
    halves = [half for text in whole for half in (text[:middle], text[middle:])]
    judge(whole[0])
    pairs = alternate(
        size.rounds,
        lambda: _time(judge, whole) / len(whole) * 1e3,
        lambda: _time(judge, halves) / len(halves) * 1e3,
    )
    return [
        compare(
            "length_growth",
            pairs,
            lambda long, short: long / short,
            lambda long, short: (
                f"{size.long_length:,} code points: {long:,.1f} ms",
                f"{middle:,} code points: {short:,.1f} ms",
            ),
        )
    ]


def _load() -> tuple[Classifier, WordLists]:
    settings = _settings()
    return (
        artefact.load(settings.model_dir or artefact.shipped_folder()),
        wordlists.load(settings.wordlists_dir),
    )


def _settings() -> Settings:
    return load_settings(os.environ)


def _make_judge(model: Classifier, lists: WordLists) -> Judge:
    return Judge(
        catalogue=catalogue.load(),
        matcher=Matcher(lists),
        model=model,
        service_version=VERSION,
    )


def _random_entries(count: int, lists: WordLists) -> list[Entry]:
    """Entries of 2 to 5 ideographs, every fifth of Latin letters, none of them listed already."""
    chance = random.Random(SEED)
    latin = "abcdefghijklmnopqrstuvwxyz"
    common = [
        bytes((high, low)).decode("gb2312")
        for high in range(0xB0, 0xD7)  # the 3,755 characters that GB 2312 calls common
        for low in range(0xA1, 0xFF if high < 0xD6 else 0xFA)
    ]
    taken = {entry.text for entry in lists.entries}
    entries: list[Entry] = []
    while len(entries) < count:
        letters: Sequence[str] = latin if len(entries) % 5 == 0 else common
        text = "".join(chance.choices(letters, k=chance.randint(2, 5)))
        if text not in taken:
            taken.add(text)
            line = len(entries) + 1
            entries.append(
                Entry(text, Mode.WEIGHT, lists.entries[0].label, "random", 1.0, None, line)
            )
    return entries


def _with_entries(lists: WordLists, entries: Sequence[Entry]) -> WordLists:
    return WordLists((*lists.entries, *entries), lists.excuses, f"{lists.version}-and-random")


def _time(call: Callable[[str], object], texts: Iterable[str]) -> float:
    """CPU seconds for all texts, one after the other."""
    gc.collect()
    began = process_time()
    for text in texts:
        call(text)
    return process_time() - began

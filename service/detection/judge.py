"""Judges a text: views, matches, model, signals, policy. The one path for every caller.

Most texts are ordinary, so the order of work is made for them: two views, one search, one
tokenising, one sum of rows, and when nothing was found and no label comes near its display
floor, an answer that stands ready.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf
from operator import gt
from typing import Final

import numpy as np

from models.classifier.classifier import Classifier
from models.classifier.weigh import (
    CONTEXT_LOG_ODDS,
    MOST_LIST_WEIGHT,
    Weighing,
    combine,
    counted,
    is_decisive,
    is_decisive_alone,
    is_narrow,
    is_suspicion,
    speaks_alone,
    to_probability,
)
from models.match.gate import Seen, Stands
from models.match.matcher import Matcher
from models.match.model import Match, Matches
from models.match.plain import Plain, write_plain
from models.text.read import read
from models.text.tokenise import tokeniser
from models.text.view import View
from service.detection.caution import heed
from service.detection.reading import Reading, consult
from service.policy.catalogue import Catalogue
from service.policy.decide import Circumstances, decide
from service.policy.model import Hit, Judgement, Verdict, Versions
from service.policy.reasons import NOTHING_FOUND, explain
from service.policy.signal import Signal
from service.policy.surfaces import is_judged

NO_MODEL = "none"
"""The model's version where there is no model."""

MOST_HITS = 50
"""List hits that a category names, the first in the text; all of them count."""

_ANY_TIME = Circumstances()
_NO_CONTEXT: Final = CONTEXT_LOG_ODDS - 1e-9


class Judge:
    """Lists, model and policy of one set of versions. Immutable; any number of threads share it.

    New versions make a new judge, so that no judgement ever mixes two.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        matcher: Matcher,
        model: Classifier | None,
        service_version: str,
    ) -> None:
        self.has_model = model is not None
        self.versions = Versions(
            agreement=catalogue.agreement,
            policy=catalogue.version,
            wordlists=matcher.version,
            model=model.version if model else NO_MODEL,
            service=service_version,
        )
        self._shipped = catalogue
        self._matcher = matcher
        if model is not None:
            catalogue = heed(catalogue, model.cautions)
        self._catalogue = catalogue
        self._find = matcher.find
        self._model = model
        self._names = model.labels if model else ()
        self._gate = matcher.gate(self._names)
        self._topics = matcher.topics(self._names)
        self._labels = {label: index for index, label in enumerate(self._names)}
        self._tokenise = tokeniser()
        self._degraded = () if model else ("model",)
        display = {key: clause.thresholds.display for key, clause in catalogue.clauses.items()}
        self._floors = np.empty(0) if model is None else model.floors(display)
        self._label_floors = self._floors[: len(self._names)].tolist()
        self._doubts = np.minimum(self._floors, CONTEXT_LOG_ODDS)
        self._no_floors = np.full(len(self._floors), -inf)
        self._weighing = Weighing() if model is None else model.weighing
        self._least = [  # the combined log-odds at the display floor, but for rounding
            self._weighing.log_odds(floor, 0.0, 0.0) - 1e-9 for floor in self._label_floors
        ]
        self._nothing = Judgement(
            verdict=Verdict.ALLOW,
            categories=(),
            reasons=NOTHING_FOUND,
            versions=self.versions,
            degraded=self._degraded,
        )

    def without_model(self) -> Judge:
        """The judge of the same lists and policy that goes by these alone."""
        return Judge(
            catalogue=self._shipped,
            matcher=self._matcher,
            model=None,
            service_version=self.versions.service,
        )

    def demanding(self, assent: float) -> Judge:
        """The judge whose model calls nothing a breach of a label unless that label's own head
        says so with these log-odds at least, however sure it is of some breach."""
        model = self._model
        return Judge(
            catalogue=self._shipped,
            matcher=self._matcher,
            model=None if model is None else replace(model, assent=assent),
            service_version=self.versions.service,
        )

    def judge(self, text: str, surface: str = "im.message") -> Judgement:
        """The judgement of one text, of any length, in time linear in it.

        `surface` is where the text stands: on confidential records only some labels are judged.
        """
        model = self._model
        view = words = reading = stands = None
        folded = self._gate.fold(text)
        if folded is None:
            view = read(text)
            if view.as_written is None:  # there was nothing to undo
                folded = view.folded
        if model is not None and folded is not None:
            words = self._tokenise(folded)
            seen = self._gate.look(folded, words)
            if seen is not None:
                reading, stands = self._read_plain(model, folded, words, seen), seen[3]
                if reading is None:
                    return self._nothing
        if view is None:
            view = View(text, folded=folded)
        folded = view.folded
        if words is None:
            words = self._tokenise(folded)
        matches = self._find(view, words, stands, look=self._gate.look)
        plain = write_plain(view, matches, words)
        if model is not None and reading is None:
            floors = self._floors
            if matches.found:
                floors = self._no_floors if speaks_alone(matches.found) else self._doubts
            same = plain.text == folded
            known = words if same else self._tokenise(plain.text)
            sounding = view.sounding if same else None
            reading = consult(model, plain.text, known, floors, plain.aside(), sounding)
        if reading is None and (self._model is not None or not matches.found):
            return self._nothing
        signals = self._signals(view, plain, surface, matches, reading)
        outcome = decide(signals, self._catalogue, _ANY_TIME)
        return Judgement(
            verdict=outcome.verdict,
            categories=outcome.categories,
            reasons=explain(outcome.verdict, outcome.categories, self._catalogue),
            versions=self.versions,
            degraded=self._degraded,
        )

    def _read_plain(
        self, model: Classifier, folded: str, words: list[str], seen: Seen
    ) -> Reading | None:
        """What the model says of a text in which nothing but topic words can be found.

        None where no label reaches its display floor by that, and none of the topic words count.
        """
        closed, sounding, topics, stands = seen
        known = words if closed is folded else self._tokenise(closed)
        floors = self._doubts if topics else self._floors
        reading = consult(model, closed, known, floors, None, sounding)
        if reading is None:
            return None
        by_label = reading.odds
        if any(map(gt, by_label, self._label_floors)) or (
            topics and self._adds_up(stands, by_label)
        ):
            return reading
        return None

    def _adds_up(self, stands: Sequence[Stands], by_label: Sequence[float]) -> bool:
        """Whether topic words lift a label that the model does not rule out to its display floor.

        Those that overlap are all counted here, so it may say so too often, never too seldom.
        """
        weights: dict[int, dict[str, float]] = {}
        for number, *_ in stands:
            for label, entry in self._topics[number]:
                if by_label[label] > _NO_CONTEXT:
                    weights.setdefault(label, {})[entry.text] = entry.weight
        for label, topic in weights.items():
            most = min(sum(topic.values()), MOST_LIST_WEIGHT)
            if self._weighing.log_odds(by_label[label], 0.0, most) > self._least[label]:
                return True
        return False

    def _signals(
        self, view: View, plain: Plain, surface: str, matches: Matches, reading: Reading | None
    ) -> Iterator[Signal]:
        """A signal for each label that is judged on this surface and reaches its display floor."""
        by_label: dict[str, list[Match]] = defaultdict(list)
        for match in matches.found:
            by_label[match.entry.label].append(match)
        text = view.text
        near = set(by_label)
        if reading is not None:
            near.update(
                name
                for name, odds, floor in zip(
                    self._names, reading.odds, self._label_floors, strict=True
                )
                if odds > floor
            )
        for label in near:
            clause = self._catalogue.clauses.get(label)
            if clause is None or not is_judged(label, surface):
                continue
            index = self._labels.get(label)
            odds = None if reading is None or index is None else reading.odds[index]
            model_score = None if odds is None else to_probability(odds)
            found = counted(by_label.get(label, ()), model_score)
            if not found and model_score is None:
                continue
            score = combine(found, odds, self._weighing)
            if score < clause.thresholds.display:
                continue
            hits = [_list_hit(text, match) for match in found[:MOST_HITS]]
            speaks = model_score is not None and model_score >= clause.thresholds.display
            if reading and index is not None and speaks and score >= clause.thresholds.review:
                hits.extend(_model_hits(view, plain, reading.spans(index)))
            yield Signal(
                label=label,
                score=score,
                model_score=model_score,
                hits=tuple(hits),
                narrow=is_narrow(found),
                decisive=is_decisive(found, model_score),
                decisive_alone=is_decisive_alone(found),
                excused=matches.excuses(label),
                suspected=is_suspicion(found),
            )


def _list_hit(text: str, match: Match) -> Hit:
    return Hit(
        source="wordlist",
        list=match.entry.list,
        entry=match.entry.text,
        text=text[match.start : match.end],
        canonical=match.canonical,
        start=match.start,
        end=match.end,
        disguise=match.disguise,
    )


def _model_hits(view: View, plain: Plain, spans: Sequence[tuple[int, int]]) -> Iterator[Hit]:
    """The model's spans of the text as it read it, brought back to the original."""
    for first, last in spans:
        start, end = plain.original(first, last)
        yield Hit(
            source="model",
            list=None,
            entry=None,
            text=view.text[start:end],
            canonical=plain.text[first:last],
            start=start,
            end=end,
        )

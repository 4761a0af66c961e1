"""A place for an operator's own classifier of pictures; the product brings none.

It is a command that is given a picture's path as its last argument and prints one JSON object: the
probability of each label (`{"3.4.1.7/pornography": 0.93}`). It may bring a picture before a person
and never blocks one.
"""

from __future__ import annotations

import logging
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec

SECONDS: Final = 15.0
"""How long a classifier may take for one picture."""

MOST_OUTPUT: Final = 64 * 1024

log = logging.getLogger("moderation.pictures")


class PicturesAway(Exception):
    """The classifier cannot say anything just now; the file is judged without it."""

    code = "pictures_away"


class PictureClassifier(Protocol):
    """What says of a picture how likely it breaches each label that it knows."""

    def classify(self, path: Path) -> Mapping[str, float]:
        """Probabilities from 0 to 1 by label (`3.4.1.7/pornography`); raises `PicturesAway`."""
        ...


class NoClassifier:
    """Says nothing: what is there until an operator names a command."""

    def classify(self, path: Path) -> Mapping[str, float]:
        return {}


class CommandClassifier:
    """Asks a command. What it prints is checked, and what it writes to its error output dropped,
    since it may quote the picture."""

    def __init__(self, command: str, *, seconds: float = SECONDS) -> None:
        """Raises `ValueError` for a command that cannot be split into words."""
        self._words = shlex.split(command)
        if not self._words:
            raise ValueError("a command, such as /opt/pictures/classify --fast")
        self._seconds = seconds

    def classify(self, path: Path) -> Mapping[str, float]:
        try:
            done = subprocess.run(  # noqa: S603  (the operator's own command)
                [*self._words, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._seconds,
                check=True,
            )
            if len(done.stdout) > MOST_OUTPUT:
                raise PicturesAway("the classifier of pictures says too much")
            scores = _read(done.stdout)
        except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
            raise PicturesAway(f"the classifier of pictures: {type(error).__name__}") from None
        if not all(0.0 <= score <= 1.0 for score in scores.values()):
            raise PicturesAway("the classifier of pictures gives no probabilities")
        return scores


_read: Final = msgspec.json.Decoder(dict[str, float]).decode

"""Every attack of our own, one file of the folder a group."""

from __future__ import annotations

from models.training.attacks import (
    between,
    codes,
    excuses,
    forms,
    letters,
    order,
    shapes,
    sounds,
    tables,
    unseen,
    words,
)

ATTACKS = (
    *forms.ATTACKS,
    *unseen.ATTACKS,
    *between.ATTACKS,
    *tables.ATTACKS,
    *codes.ATTACKS,
    *order.ATTACKS,
    *sounds.ATTACKS,
    *shapes.ATTACKS,
    *letters.ATTACKS,
    *words.ATTACKS,
    *excuses.ATTACKS,
)

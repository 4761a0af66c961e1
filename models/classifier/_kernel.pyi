"""The kernel in C (`kernel.c`), where it was compiled; `models.classifier.plain` is its twin."""

from models.classifier.plain import Plain

class Kernel(Plain): ...

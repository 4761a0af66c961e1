"""Scanning: opens what people upload, in a child of its own for each file that can do nothing else.

`parent.run_scan` is the side of the worker; `python -m workers.scan` is the nursery that forks the
children. Only these two import the extractors and their libraries.
Decision records: docs/decisions/0110-one-child-a-file.md, 0111-children-are-forked-warm.md.
"""

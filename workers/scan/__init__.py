"""Scanning: opens what people upload, in a child of its own for each file that can do nothing else.

`parent.run_scan` is the side of the worker, `python -m workers.scan` the child. Only the child
imports the extractors and their libraries.
Decision record: docs/decisions/0110-one-child-a-file.md.
"""

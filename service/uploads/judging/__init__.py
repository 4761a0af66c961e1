"""Judging what a scan found: each part as messages are judged, and the worst of them counts."""

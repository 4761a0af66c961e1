"""Uploads: files that people store, judged by what is in them (2.6, 3.4)."""

"""The sections of an account's own page, in the order of `service/wiring/features/my.py`."""

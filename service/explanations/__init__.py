"""Explanations: what a person is asked to say for themselves in a period, and what comes of it."""

"""Notices: what a person is told of a decision, by which channel, and when it counts as told."""

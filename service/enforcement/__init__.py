"""Measures against content, functions and accounts: ordered, carried out by the host, ended."""

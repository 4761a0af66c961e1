"""Enterprises: their administrators, what of their records is judged, and what they order."""

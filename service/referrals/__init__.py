"""Referrals: a matter prepared for an authority by one person, approved by another, exported."""

"""From a text to its views: what it reads as, and where each character of that comes from."""

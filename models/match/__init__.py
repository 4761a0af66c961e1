"""Word lists against texts: one search, guards, excuses, and then the longest."""

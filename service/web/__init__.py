"""Base templates, static files and translations of every page. Knows nothing of moderation."""

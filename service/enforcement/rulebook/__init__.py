"""Rules about events as a tenant's own: written as drafts, put in force by a second person."""

"""Review: a person looks at what a machine flagged, and decides."""

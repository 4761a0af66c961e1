"""What only measures: sentences and attacks that nobody reads. Training never loads it."""

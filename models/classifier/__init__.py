"""The trained model: features, the unrolled linear form, and its files."""

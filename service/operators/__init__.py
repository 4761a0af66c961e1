"""What operators look at: health, metrics and the description of the API."""

"""What texts are judged against: lists of entries and excuses, and how they are read."""

"""Ways in which senders disguise a text."""

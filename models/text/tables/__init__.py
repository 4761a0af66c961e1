"""Tables that `models.training.build_tables` writes; each says what it was derived from."""

"""How an appeal may end: one file for each outcome, named like it."""

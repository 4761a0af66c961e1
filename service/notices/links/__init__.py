"""Links to an account's own page: whoever holds one sees what concerns the account, and answers."""

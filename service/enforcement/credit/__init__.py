"""An account's credit (Article 2.5.2): what a breach costs, how it comes back, and why it stands.

`model` is the pure score over a ledger of entries, `explanation` tells it to a person in both
languages, `tables` and `store` hold the ledger, and `flow` is the only way to move it: `debit` on a
person's word, `reverse` when that word is taken back, `age` for what time alone does.
"""

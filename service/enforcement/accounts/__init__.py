"""An account as the platform asks about it: what the host knows of it, and how it stands.

`model` holds the facts, the restrictions and the standing, `cancellation` what stands in the way of
cancelling it (Article 2.7.1), `tables` and `store` keep the facts, `flow` puts the standing
together, and `routes` is the door.
"""

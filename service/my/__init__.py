"""An account's own page, `/my/{token}`: what concerns it, and how it answers."""

"""Who acts, as the audit writes it down."""

from __future__ import annotations

from service.access.model import Principal
from service.kernel.audit import Actor


def actor_of(principal: Principal) -> Actor:
    """The person who signed in, or the key."""
    if principal.person_id is not None:
        return Actor("person", principal.person_id)
    return Actor("key", principal.key_id)

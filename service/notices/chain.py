"""The channels, collected from their folder, and the order in which they are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from service.kernel.registry import collect_modules
from service.notices.model import Channel, Delivery, DeliveryState

CHANNELS: Final[Mapping[str, Channel]] = MappingProxyType(
    collect_modules(
        "service.notices.channels",
        attribute="CHANNEL",
        kind=Channel,
        id_of=lambda channel: channel.id,
    )
)
"""Every channel by its id."""

LAST: Final = "page"
"""What every chain ends with."""


def read_chain(names: Sequence[str]) -> tuple[Channel, ...]:
    """The chain of these channels, with the account's own page at its end.

    Raises `ValueError` for a name that is no channel, or stands twice.
    """
    wanted = [name for name in names if name != LAST]
    if len(set(wanted)) != len(wanted) or not set(wanted) <= CHANNELS.keys():
        raise ValueError(f"each once, of {', '.join(CHANNELS)}, in the order of trying")
    return tuple(CHANNELS[name] for name in (*wanted, LAST))


def find_next(
    chain: Sequence[Channel],
    tried: Sequence[Delivery],
    account_id: str,
    contacts: Mapping[str, str],
) -> Channel | None:
    """The first channel that reaches the account and was not tried yet.

    None while one that was tried is still to be heard of, and when none is left.
    """
    if any(delivery.state is DeliveryState.HANDED for delivery in tried):
        return None
    done = {delivery.channel for delivery in tried}
    for channel in chain:
        if channel.id not in done and channel.find_recipient(account_id, contacts) is not None:
            return channel
    return None

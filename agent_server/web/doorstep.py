"""Who stands at the door: connections that have not become a conversation, counted by address. Pure.

A connection costs a socket and some memory before anybody has shown a key. Behind a proxy all come from its address,
and it is the proxy that counts: trusted proxies and this machine itself are let in uncounted.
"""

from collections import Counter
from collections.abc import Sequence
from ipaddress import ip_network

from msgspec import Struct

from agent_server.web.client_address import Network, client_address, is_within

PER_ADDRESS = 256
"""A browser opens six; so much is an office behind one address."""

FIRST_REQUEST_S = 10.0

THIS_MACHINE: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class DoorstepLimits(Struct, frozen=True):
    """``first_request_s``: how long a new connection may take to send the head of its first request."""

    per_address: int = PER_ADDRESS
    first_request_s: float = FIRST_REQUEST_S
    uncounted: Sequence[Network] = THIS_MACHINE


class Doorstep:
    """The connections of one process."""

    def __init__(self, limits: DoorstepLimits) -> None:
        self.limits = limits
        self._open: Counter[str] = Counter()

    def is_counted(self, peer: str) -> bool:
        """``peer``: the other end; nothing for a Unix socket, which is this machine's."""
        return bool(peer) and not is_within(peer, self.limits.uncounted)

    def enter(self, peer: str) -> str | None:
        """What to ``leave`` with; None when the address has as many connections as it may."""
        address = client_address(peer, (), ())
        if self._open[address] >= self.limits.per_address:
            return None
        self._open[address] += 1
        return address

    def leave(self, address: str) -> None:
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def __len__(self) -> int:
        """Addresses that are counted now."""
        return len(self._open)

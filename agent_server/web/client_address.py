"""Whose request it is, by address: counted against limits, never trusted to say who somebody is."""

from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted_proxies: Sequence[Network]) -> str:
    """The address a request came from, as a key for limits.

    ``peer`` is the other end of the connection, ``forwarded_for`` the values of ``X-Forwarded-For``. That header is
    read from its end, and only as far as trusted proxies wrote it; what a client put there itself counts for nothing.
    """
    found = _parsed(peer or "")
    if found is None:
        return "local"  # a Unix socket, or a transport that is gone already
    hops = [hop for value in forwarded_for for hop in value.split(",")]
    while hops and _is_trusted(found, trusted_proxies):
        nearer = _parsed(hops.pop().strip())
        if nearer is None:
            break
        found = nearer
    return _key(found)


def is_within(peer: str, networks: Sequence[Network]) -> bool:
    """Whether the other end of a connection is one of those."""
    found = _parsed(peer)
    return found is not None and _is_trusted(found, networks)


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is this machine alone."""
    address = _parsed(host.strip("[]"))
    return host == "localhost" or (address is not None and address.is_loopback)


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_trusted(address: Address, proxies: Sequence[Network]) -> bool:
    return any(address in network for network in proxies)


def _key(address: Address) -> str:
    """One customer has a whole /64 of IPv6 addresses, so that much counts as one."""
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return str(IPv6Network((address, 64), strict=False))
    return str(address)


class AddressLimit:
    """A bucket of ``burst`` tries for each address, filling again at ``per_minute``.

    At most ``max_addresses`` are remembered; past that the one not seen for longest starts afresh. Times are seconds
    of any monotonic clock.
    """

    def __init__(self, *, burst: int, per_minute: float, max_addresses: int = 10_000) -> None:
        self._burst = burst
        self._per_s = per_minute / 60.0
        self._max_addresses = max_addresses
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str, now_s: float) -> float:
        """0.0: a try is left. Otherwise the seconds until there is one."""
        return max(0.0, (1.0 - self._level(address, now_s)) / self._per_s)

    def take(self, address: str, now_s: float) -> float:
        """Use up a try and return 0.0, or return the seconds until there is one, and use nothing."""
        wait_s = self.wait_s(address, now_s)
        if wait_s == 0.0:
            self._left[address] = (self._level(address, now_s) - 1.0, now_s)
            self._left.move_to_end(address)
            if len(self._left) > self._max_addresses:
                self._left.popitem(last=False)
        return wait_s

    def __len__(self) -> int:
        return len(self._left)

    def _level(self, address: str, now_s: float) -> float:
        level, at_s = self._left.get(address, (float(self._burst), now_s))
        return min(float(self._burst), level + (now_s - at_s) * self._per_s)

"""Which addresses may be fetched on somebody's behalf: those of the public internet alone. Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_ALLOCATED: Final = IPv6Network("2000::/3")
"""What there is of IPv6 on the public internet (RFC 4291, 2.4): the rest is nobody's, or somebody's inside."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in its last 32 bits."""


def is_public(text: str) -> bool:
    """Private, loopback, link-local, shared, multicast and reserved addresses are not, nor those that carry one."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address not in _ALLOCATED and address not in _NAT64:
        return False
    return all(found.is_global and not found.is_multicast for found in (address, *_carried(address)))


def _carried(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """IPv4 addresses a gateway on the way would make of it."""
    if isinstance(address, IPv4Address):
        return ()
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(found for found in carried if found is not None)

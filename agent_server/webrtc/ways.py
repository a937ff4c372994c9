"""By which addresses and ports packets of calls come in. Pure, but for looking up a name in ``HOST``."""

import asyncio
import random
import re
import socket
from ipaddress import ip_address

from msgspec import Struct

from agent_server.settings import Settings
from agent_server.web.client_address import is_loopback

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, not bound
_HOST_LINE = re.compile(r"(a=candidate:\S+ \d+ udp \d+ )(\S+)( \d+ typ host.*)")


class Ways(Struct, frozen=True):
    """``addresses`` None: all of this machine's but loopback. ``ports``: first and last. ``public_addresses``: what
    clients are told instead of addresses of the same family."""

    addresses: tuple[str, ...] | None = ("127.0.0.1",)
    public_addresses: tuple[str, ...] = ()
    ports: tuple[int, int] | None = None
    ice_servers: tuple[str, ...] = ()
    turn_username: str | None = None
    turn_password: str | None = None


async def ways_of(settings: Settings) -> Ways:
    webrtc = settings.webrtc
    addresses = webrtc.addresses or await _addresses_of(settings.process.host.strip("[]"))
    first, _, last = (webrtc.ports or "").partition("-")
    return Ways(
        addresses=addresses,
        public_addresses=webrtc.public_addresses,
        ports=(int(first), int(last)) if webrtc.ports else None,
        ice_servers=webrtc.ice_servers,
        turn_username=webrtc.turn_username,
        turn_password=webrtc.turn_password,
    )


async def _addresses_of(host: str) -> tuple[str, ...] | None:
    """Calls come in where requests do."""
    if host in _ANY:
        return None
    if is_loopback(host):
        return ("127.0.0.1",) if host == "localhost" else (host,)
    try:
        return (str(ip_address(host)),)
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def port_order(ports: tuple[int, int], shuffle: random.Random) -> list[int]:
    """The ports to try: all of them, from a random one on, so that a port that was just used rests."""
    first, last = ports
    start = shuffle.randint(first, last)
    return [*range(start, last + 1), *range(first, start)]


def told_of(answer: str, public_addresses: tuple[str, ...]) -> str:
    """The answer with the public addresses in the place of this machine's own."""
    if not public_addresses:
        return answer
    lines: list[str] = []
    for line in answer.split("\r\n"):
        found = _HOST_LINE.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        version = ip_address(found[2]).version
        told = [address for address in public_addresses if ip_address(address).version == version]
        lines += [f"{found[1]}{address}{found[3]}" for address in told] or [line]
    return "\r\n".join(lines)

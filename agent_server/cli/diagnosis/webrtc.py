"""Whether calls by WebRTC can come in, and from where."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from agent_server.cli.diagnosis.finding import Finding
from agent_server.settings import Settings
from agent_server.web.client_address import is_loopback
from agent_server.webrtc.ways import Ways, ways_of

PART = "webrtc"


async def webrtc(settings: Settings) -> Finding:
    ways = await ways_of(settings)
    for address in ways.addresses or ():
        if not _can_listen(address):
            return Finding(PART, "failed", f"{address} is no address of this machine; set WEBRTC_ADDRESSES")
    if _is_hidden(ways, settings.process.public_url):
        return Finding(PART, "off", "HOST is this machine alone, so pages elsewhere cannot call; set WEBRTC_ADDRESSES")
    addresses = "all addresses" if ways.addresses is None else " and ".join(ways.addresses)
    if ways.ports is None:
        return Finding(PART, "ok", f"at {addresses}, any UDP port; WEBRTC_PORTS narrows them for a firewall")
    first, last = ways.ports
    return Finding(PART, "ok", f"at {addresses}, UDP ports {first} to {last}: {last - first + 1} calls at most")


def _is_hidden(ways: Ways, public_url: str | None) -> bool:
    """Pages come from elsewhere, and voices could not: the server is behind a proxy, which carries no UDP."""
    if public_url is None or ways.addresses is None or ways.ice_servers:
        return False
    return all(map(is_loopback, ways.addresses)) and not is_loopback(urlsplit(public_url).hostname or "")


def _can_listen(address: str) -> bool:
    family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True

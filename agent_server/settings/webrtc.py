"""Settings of WebRTC: where its packets come in."""

from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import Group, setting

IpAddress = Annotated[str, Meta(pattern=r"^[0-9a-fA-F.:]+$", extra={"allowed": "an IP address such as 203.0.113.7"})]
PortRange = Annotated[
    str, Meta(pattern=r"^\d{4,5}-\d{4,5}$", extra={"allowed": "a range of UDP ports such as 40000-40199"})
]
IceUrl = Annotated[
    str,
    Meta(
        pattern=r"^(stun|turns?):[A-Za-z0-9.\-]+(:\d{1,5})?(\?transport=(udp|tcp))?$",
        extra={"allowed": "a server such as stun:stun.example.com:3478 or turn:turn.example.com"},
    ),
]


class WebRtcSettings(Group, frozen=True, kw_only=True):
    addresses: Annotated[
        tuple[IpAddress, ...],
        setting("WEBRTC_ADDRESSES", "Addresses of this machine that take calls; unset: those that HOST stands for"),
    ] = ()
    public_addresses: Annotated[
        tuple[IpAddress, ...],
        setting("WEBRTC_PUBLIC_ADDRESSES", "What clients are told instead, behind a NAT that keeps the ports"),
    ] = ()
    ports: Annotated[
        PortRange | None, setting("WEBRTC_PORTS", "UDP ports of calls, one a call and address; unset: any free one")
    ] = None
    ice_servers: Annotated[
        tuple[IceUrl, ...], setting("WEBRTC_ICE_SERVERS", "A STUN and a TURN server that this server uses")
    ] = ()
    turn_username: Annotated[str | None, setting("WEBRTC_TURN_USERNAME", "User name at the TURN server")] = None
    turn_password: Annotated[
        str | None, setting("WEBRTC_TURN_PASSWORD", "Password at the TURN server", secret=True)
    ] = None

"""Where packets of calls come in."""

import random

import pytest

from agent_server.settings import SettingsError, read_settings
from agent_server.webrtc.ways import Ways, port_order, told_of, ways_of

KEY = {"SALES_AGENT_API_KEY": "a-key-of-sixteen-characters"}
ANSWER = (
    "v=0\r\na=candidate:f 1 udp 2130706431 10.0.0.5 40001 typ host\r\na=candidate:g 1 udp 1 fd00::1 40002 typ host\r\n"
)


@pytest.mark.parametrize(
    ("variables", "addresses"),
    [
        ({}, ("127.0.0.1",)),
        ({"HOST": "localhost"}, ("127.0.0.1",)),
        ({"HOST": "::1"}, ("::1",)),
        ({"HOST": "0.0.0.0"}, None),
        ({"HOST": "10.0.0.5"}, ("10.0.0.5",)),
        ({"HOST": "0.0.0.0", "WEBRTC_ADDRESSES": "10.0.0.5, 10.0.1.5"}, ("10.0.0.5", "10.0.1.5")),
    ],
)
async def test_calls_come_in_where_requests_do(variables: dict[str, str], addresses: tuple[str, ...] | None) -> None:
    assert (await ways_of(read_settings({**KEY, **variables}, {}, {}))).addresses == addresses


async def test_ports_and_servers_are_the_operators() -> None:
    given = {
        "WEBRTC_PORTS": "40000-40099",
        "WEBRTC_ICE_SERVERS": "stun:stun.example.com,turn:turn.example.com:3478?transport=tcp",
        "WEBRTC_TURN_USERNAME": "agent",
        "WEBRTC_TURN_PASSWORD": "secret",
    }
    ways = await ways_of(read_settings(given, {}, {}))
    assert ways == Ways(
        ports=(40_000, 40_099),
        ice_servers=("stun:stun.example.com", "turn:turn.example.com:3478?transport=tcp"),
        turn_username="agent",
        turn_password="secret",
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"WEBRTC_PORTS": "40099-40000"},
        {"WEBRTC_PORTS": "80-90"},
        {"WEBRTC_ADDRESSES": "1.2.3"},
        {"WEBRTC_PUBLIC_ADDRESSES": "example.com"},
        {"WEBRTC_ICE_SERVERS": "turn:turn.example.com"},
        {"WEBRTC_ICE_SERVERS": "http://example.com"},
    ],
)
def test_what_cannot_be_is_an_error_at_the_start(variables: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        read_settings(variables, {}, {})


def test_every_port_is_tried_once() -> None:
    assert sorted(port_order((40_000, 40_009), random.Random(1))) == list(range(40_000, 40_010))


def test_clients_are_told_the_public_address_of_the_same_family() -> None:
    told = told_of(ANSWER, ("203.0.113.7",))
    assert "203.0.113.7 40001 typ host" in told
    assert "10.0.0.5" not in told
    assert "fd00::1 40002" in told
    assert told_of(ANSWER, ()) == ANSWER

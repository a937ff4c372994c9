"""What ``sales-agent doctor`` says of calls by WebRTC."""

import pytest

from agent_server.cli.diagnosis.webrtc import webrtc
from agent_server.settings import read_settings

PUBLIC = {"PUBLIC_URL": "https://agent.example.com"}


@pytest.mark.parametrize(
    ("variables", "state", "words"),
    [
        ({}, "ok", "at 127.0.0.1, any UDP port"),
        (
            {"HOST": "0.0.0.0", "WEBRTC_PORTS": "40000-40099"},
            "ok",
            "UDP ports 40000 to 40099: 100 calls",
        ),
        ({"WEBRTC_ADDRESSES": "203.0.113.7"}, "failed", "203.0.113.7 is no address of this machine"),
        (PUBLIC, "off", "pages elsewhere cannot call"),
        ({"PUBLIC_URL": "http://127.0.0.1:8080"}, "ok", "at 127.0.0.1"),
        ({**PUBLIC, "HOST": "0.0.0.0"}, "ok", "all addresses"),
    ],
)
async def test_where_calls_come_in(variables: dict[str, str], state: str, words: str) -> None:
    found = await webrtc(read_settings(variables, {}, {}))
    assert found.state == state
    assert words in found.detail

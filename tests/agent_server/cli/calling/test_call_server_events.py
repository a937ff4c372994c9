import base64
import json

import pytest
from tone import tone

from agent_server.cli.calling.server_events import BrokenEventError, decode


def test_audio_becomes_its_length() -> None:
    delta = base64.b64encode(tone(40)).decode()
    event, pcm = decode(json.dumps({"type": "response.output_audio.delta", "item_id": "i", "delta": delta}))
    assert pcm == tone(40)
    assert event == {"type": "response.output_audio.delta", "item_id": "i", "delta": 1920, "audio_ms": 40.0}


def test_other_events_stay_as_they_are() -> None:
    event = {"type": "response.output_text.delta", "delta": "Hello"}
    assert decode(json.dumps(event)) == (event, b"")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "no json",
        b"\xff",
        "[]",
        "{}",
        '{"type": 3}',
        '{"type": "response.output_audio.delta"}',
        '{"type": "response.output_audio.delta", "delta": "%%%"}',
        '{"type": "response.output_audio.delta", "delta": "AA=="}',
    ],
)
def test_what_is_no_event(message: str | bytes) -> None:
    with pytest.raises(BrokenEventError):
        decode(message)

"""Which of a caller's microphones is heard, by the events of LiveKit's library; no server is needed for that."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from eventually import eventually
from livekit import rtc

from agent_server.livekit import media
from agent_server.livekit.job import Job
from agent_server.livekit.media import LiveKitRoom

MICROPHONE, SHARED = rtc.TrackSource.SOURCE_MICROPHONE, rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO


class Published:
    """A publication of the caller's."""

    def __init__(self, sid: str, source: Any = MICROPHONE) -> None:
        self.sid, self.source, self.kind = sid, source, rtc.TrackKind.KIND_AUDIO
        self.track: str | None = None
        self.is_wanted = False

    def set_subscribed(self, wanted: bool) -> None:
        self.is_wanted = wanted


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The tracks that are listened to now."""
    now: list[Any] = []

    async def hear(track: Any, _hear: Any) -> None:
        now.append(track)
        try:
            await asyncio.Event().wait()
        finally:
            now.remove(track)

    monkeypatch.setattr(media, "_hear", hear)
    return now


async def test_of_two_microphones_the_newer_is_heard_and_the_other_again_once_it_is_gone(heard: list[Any]) -> None:
    room = LiveKitRoom(Job("AJ_1", "call-1", "RM_1", "", "", "wss://livekit.example", "token"))
    first, second, shared = Published("TR_1"), Published("TR_2"), Published("TR_3", SHARED)
    caller = SimpleNamespace(identity="visitor", track_publications={})
    library: Any = room._room
    room._caller = caller  # type: ignore[assignment]
    line: Any = SimpleNamespace(receive_voice=None, left=None)
    room._line = line

    async def publish(publication: Published) -> None:
        caller.track_publications[publication.sid] = publication
        library.emit("track_published", publication, caller)
        if publication.is_wanted:
            publication.track = publication.sid
            library.emit("track_subscribed", publication.track, publication, caller)
        await asyncio.sleep(0.01)

    def unpublish(publication: Published) -> None:
        track, publication.track = publication.track, None
        library.emit("track_unsubscribed", track, publication, caller)
        del caller.track_publications[publication.sid]
        library.emit("track_unpublished", publication, caller)

    await publish(first)
    await publish(shared)
    assert heard == ["TR_1"], "what a screen plays is not what the caller says"
    await publish(second)
    assert heard == ["TR_2"]
    unpublish(second)
    await eventually(lambda: heard == ["TR_1"], 2)
    await publish(second)
    unpublish(first)
    await asyncio.sleep(0.01)
    assert heard == ["TR_2"]
    unpublish(second)
    await eventually(lambda: not heard, 2)
    await room.close()

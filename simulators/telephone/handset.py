"""The caller's end of a media stream: what is played to their ear, in real time, and what they say. Pure."""

import base64
from collections import deque
from collections.abc import Iterable
from typing import Any

FRAME_MS = 20
FRAME_BYTES = 160
SILENCE = b"\xff" * FRAME_BYTES
"""Mu-law."""


class Handset:
    """``tick`` every ``FRAME_MS``: plays as much, and returns what Twilio sends meanwhile.

    ``heard`` is everything that reached the ear, silence too; ``played_bytes`` are those the server sent ·
    ``returns_marks``: as carriers do.
    """

    def __init__(self, stream_sid: str) -> None:
        self.stream_sid = stream_sid
        self.heard = bytearray()
        self.played_bytes = 0
        self.drops = 0
        self.returns_marks = True
        self._said: deque[bytes] = deque()
        self._keys: deque[str] = deque()
        self._buffer: deque[bytes | str] = deque()
        """Audio, and the names of marks."""
        self._frames = 0
        self._numbers = 0

    @property
    def is_silent(self) -> bool:
        """Nothing waits to be played."""
        return not self._buffer

    @property
    def has_said_all(self) -> bool:
        return not self._said

    def say(self, audio: bytes) -> None:
        for at in range(0, len(audio), FRAME_BYTES):
            self._said.append(audio[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\xff"))

    def press(self, digit: str) -> None:
        self._keys.append(digit)

    def take(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """A message of the server; what Twilio answers at once. One of another stream is not heeded."""
        if not self._is_of_stream(message):
            return []
        match message["event"]:
            case "media":
                self._buffer.append(base64.b64decode(message["media"]["payload"], validate=True))
            case "mark":
                self._buffer.append(str(message["mark"]["name"]))
            case "clear":
                self.drops += 1
                marks = [entry for entry in self._buffer if isinstance(entry, str)]
                self._buffer.clear()
                return self._marks(marks)
        return self._passed_marks()

    def tick(self) -> list[dict[str, Any]]:
        sent = [self._event("dtmf", dtmf={"track": "inbound_track", "digit": key}) for key in self._keys]
        self._keys.clear()
        frame = self._said.popleft() if self._said else SILENCE
        media = {
            "track": "inbound",
            "chunk": str(self._frames + 1),
            "timestamp": str(self._frames * FRAME_MS),
            "payload": base64.b64encode(frame).decode(),
        }
        self._frames += 1
        sent.append(self._event("media", media=media))
        return sent + self._play()

    def _is_of_stream(self, message: dict[str, Any]) -> bool:
        return message.get("streamSid") == self.stream_sid

    def _play(self) -> list[dict[str, Any]]:
        sent, left = [], FRAME_BYTES
        while left and self._buffer:
            entry = self._buffer[0]
            if isinstance(entry, bytes):
                self.heard += entry[:left]
                taken = min(left, len(entry))
                left -= taken
                self.played_bytes += taken
                self._buffer.popleft()
                if taken < len(entry):
                    self._buffer.appendleft(entry[taken:])
            sent += self._passed_marks()
        self.heard += SILENCE[:left]
        return sent

    def _passed_marks(self) -> list[dict[str, Any]]:
        passed = []
        while self._buffer and isinstance(self._buffer[0], str):
            passed.append(str(self._buffer.popleft()))
        return self._marks(passed)

    def _marks(self, names: Iterable[str]) -> list[dict[str, Any]]:
        return [self._event("mark", mark={"name": name}) for name in names] if self.returns_marks else []

    def _event(self, event: str, **details: Any) -> dict[str, Any]:
        self._numbers += 1
        return {"event": event, "sequenceNumber": str(self._numbers + 1), "streamSid": self.stream_sid, **details}

"""The caller's end of a Telnyx media stream. Pure."""

from collections import deque
from typing import Any

from simulators.telephone.handset import Handset


class TelnyxHandset(Handset):
    """``shuffled``: each second pair of audio messages comes the wrong way round, with what is between them."""

    def __init__(self, stream_id: str, *, shuffled: bool = False) -> None:
        super().__init__(stream_id)
        self._shuffled = shuffled
        self._ticks = 0
        self._late: deque[dict[str, Any]] = deque()

    def tick(self) -> list[dict[str, Any]]:
        sent = super().tick()
        self._ticks += 1
        if not self._shuffled:
            return sent
        media = [message for message in sent if message["event"] == "media"]
        others = [message for message in sent if message["event"] != "media"]
        if self._ticks % 4 == 1:
            self._late.extend(media)
            return others
        late, self._late = list(self._late), deque()
        return [*others, *media, *late]

    def _is_of_stream(self, message: dict[str, Any]) -> bool:
        return True  # a socket has one stream, which is not named

    def _event(self, event: str, **details: Any) -> dict[str, Any]:
        self._numbers += 1
        return {"event": event, "sequence_number": str(self._numbers + 1), "stream_id": self.stream_sid, **details}

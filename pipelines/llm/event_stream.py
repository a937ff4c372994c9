"""Server-sent events, from bytes as they come to the data of whole events.

https://html.spec.whatwg.org/multipage/server-sent-events.html; event names and comments are left out, as the models'
APIs repeat the name inside the data.
"""

from pipelines.llm.port import LlmError

LONGEST_EVENT_BYTES = 1 << 20
_DATA = b"data:"


class EventStreamDecoder:
    """One response's body. An event past ``LONGEST_EVENT_BYTES`` fails as ``llm_bad_chunk``."""

    def __init__(self) -> None:
        self._tail = b""
        self._data: list[bytes] = []

    def feed(self, body: bytes) -> list[bytes]:
        """The data of the events that ``body`` completes, in order. Raises LlmError."""
        *lines, self._tail = (self._tail + body).split(b"\n")
        if len(self._tail) > LONGEST_EVENT_BYTES:
            raise LlmError("llm_bad_chunk", "an event of the stream is too long", retryable=True)
        events = []
        for raw in lines:
            line = raw.removesuffix(b"\r")
            if line.startswith(_DATA):
                self._data.append(line[len(_DATA) :].removeprefix(b" "))
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data.clear()
        return events

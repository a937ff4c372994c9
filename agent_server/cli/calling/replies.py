"""What the server is doing about the caller's turns, read off its events."""

from typing import Any

from msgspec import Struct

Event = dict[str, Any]

COMMIT_WAIT_MS = 2000.0
"""A turn of the caller for which no response was begun by then gets none: nothing was understood."""


class Ended(Struct, frozen=True):
    """A response that is over. ``first_text_ms``: when its first text came. ``item_id``: its first message."""

    id: str
    status: str
    at_ms: float
    item_id: str | None
    first_text_ms: float | None
    code: str | None
    message: str | None

    @property
    def is_answer(self) -> bool:
        """It said something to its end, or to the limit that was set for it."""
        return self.item_id is not None and self.status in ("completed", "incomplete")


class Replies:
    """Follows the responses of a session."""

    def __init__(self) -> None:
        self.active: str | None = None
        self.last: Ended | None = None
        self.caller_is_heard = False
        self._owed_since_ms: float | None = None
        self._items: dict[str, str] = {}
        self._first_text: dict[str, float] = {}
        self._server_latency: dict[str, float | None] = {}

    def is_settled(self, now_ms: float) -> bool:
        """Nothing is being said, heard or owed."""
        owed = self._owed_since_ms is not None and now_ms - self._owed_since_ms < COMMIT_WAIT_MS
        return self.active is None and not self.caller_is_heard and not owed

    def server_latency_ms(self, response: Ended) -> float | None:
        return self._server_latency.get(response.item_id or "")

    def expect(self, now_ms: float) -> None:
        """A response was asked for."""
        self._owed_since_ms = now_ms

    def see(self, event: Event, now_ms: float) -> None:
        match event.get("type"):
            case "input_audio_buffer.speech_started":
                self.caller_is_heard = True
            case "input_audio_buffer.speech_stopped" | "input_audio_buffer.cleared":
                self.caller_is_heard = False
            case "input_audio_buffer.committed":
                self.caller_is_heard = False
                self.expect(now_ms)
            case "response.created":
                self._owed_since_ms = None
                self.active = field_of(event, "response").get("id")
            case "response.output_item.added" if field_of(event, "item").get("type") == "message":
                self._items.setdefault(str(event.get("response_id")), str(field_of(event, "item").get("id")))
            case "response.output_text.delta" | "response.output_audio_transcript.delta":
                self._first_text.setdefault(str(event.get("response_id")), now_ms)
            case "response.done":
                self._end(field_of(event, "response"), now_ms)
            case "sales_agent.turn.timings":
                self._server_latency[str(event.get("item_id"))] = event.get("response_latency_ms")

    def _end(self, response: Event, now_ms: float) -> None:
        response_id = str(response.get("id"))
        details = response.get("status_details") or {}
        error = details.get("error") or {}
        self.active = None
        self.last = Ended(
            id=response_id,
            status=str(response.get("status")),
            at_ms=now_ms,
            item_id=self._items.pop(response_id, None),
            first_text_ms=self._first_text.pop(response_id, None),
            code=error.get("code") or details.get("reason"),
            message=error.get("message"),
        )


def field_of(event: Event, field: str) -> Event:
    value = event.get(field)
    return value if isinstance(value, dict) else {}

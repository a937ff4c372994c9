"""Requests and tokens per minute, booked before a request is served, as vendors do. Times in seconds."""

from msgspec import Struct

_WINDOW_S = 60.0


class Standing(Struct, frozen=True):
    """After booking. ``exceeded``: what ran out (``requests`` or ``tokens``); ``reset_s``: until the window ends."""

    requests_left: int
    tokens_left: int
    reset_s: float
    exceeded: str | None = None


class Quota:
    """Limits of one provider, over fixed windows of a minute."""

    def __init__(self, requests_per_minute: int, tokens_per_minute: int) -> None:
        self.requests_per_minute = requests_per_minute
        self.tokens_per_minute = tokens_per_minute
        self._began: float | None = None
        self._requests = 0
        self._tokens = 0

    def book(self, tokens: int, now: float) -> Standing:
        """Take one request with so many tokens, unless that would exceed a limit."""
        if self._began is None or now - self._began >= _WINDOW_S:
            self._began, self._requests, self._tokens = now, 0, 0
        exceeded = None
        if self._requests + 1 > self.requests_per_minute:
            exceeded = "requests"
        elif self._tokens + tokens > self.tokens_per_minute:
            exceeded = "tokens"
        else:
            self._requests += 1
            self._tokens += tokens
        return Standing(
            max(self.requests_per_minute - self._requests, 0),
            max(self.tokens_per_minute - self._tokens, 0),
            self._began + _WINDOW_S - now,
            exceeded,
        )

"""How Close answers: endpoint groups, limit headers, error bodies."""

from collections.abc import Mapping

from crm.close import refusals
from crm.dialect import Dialect
from crm.http import Response
from crm.limits import ratelimit_header, retry_after_s, seconds


class CloseDialect(Dialect):
    """Limits come with the answers: one ``RateLimit`` header for the endpoint group the request was counted in."""

    platform = "close"

    def refusal_wait_s(self, response: Response, now: float) -> float:
        """``reset`` of the header is exact; ``Retry-After`` is the same rounded up to whole seconds, and some stricter
        limits set it, or ``RateLimit-Reset``, alone."""
        for window in ratelimit_header(response.headers):
            if window.remaining == 0 and window.resets_in_s is not None:
                return window.resets_in_s
        told = retry_after_s(response.headers, now)
        reset_s = seconds(response.headers.get("ratelimit-reset")) if told is None else told
        return super().refusal_wait_s(response, now) if reset_s is None else reset_s

    def refused_fields(self, body: Mapping[str, object]) -> tuple[str, ...]:
        return refusals.named(body)

"""How Close answers: endpoint groups, limit headers, error bodies."""

from collections.abc import Mapping

from crm.close import refusals
from crm.dialect import Dialect
from crm.http import Response
from crm.limits import ratelimit_header


class CloseDialect(Dialect):
    """Limits come with the answers: one ``RateLimit`` header for the endpoint group the request was counted in."""

    platform = "close"

    def refusal_wait_s(self, response: Response, now: float) -> float:
        """``reset`` of the header is exact; ``Retry-After`` is the same rounded up to whole seconds, and some stricter
        limits set it alone."""
        for window in ratelimit_header(response.headers):
            if window.remaining == 0 and window.resets_in_s is not None:
                return window.resets_in_s
        return super().refusal_wait_s(response, now)

    def refused_fields(self, body: Mapping[str, object]) -> tuple[str, ...]:
        return refusals.named(body)

"""What one vendor's answers mean: the pure side of a provider, apart from its endpoints."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from crm.errors import (
    BadAnswer,
    CrmError,
    Forbidden,
    GiveUp,
    InvalidRecord,
    NotFound,
    Outcome,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
    Unauthorized,
)
from crm.http import Request, Response, is_html, json_object
from crm.limits import ratelimit_header, retry_after_s
from storage.shared.rate_limit import Budget, Observation

DEFAULT_REFUSAL_WAIT_S = 5.0
"""How long a group rests after a 429 that does not say."""


class Dialect:
    """The common meaning of HTTP, for vendors to refine. Every method is pure."""

    platform: ClassVar[str]

    def budgets(self, group: str) -> tuple[Budget, ...]:
        """Limits known beforehand for an endpoint group; none when the vendor's answers are the only source."""
        return ()

    def observations(self, response: Response) -> tuple[Observation, ...]:
        """Windows the answer's headers tell of."""
        return ratelimit_header(response.headers)

    def refusal_wait_s(self, response: Response, now: float) -> float:
        """After a 429: how long the group is closed, in seconds."""
        told = retry_after_s(response.headers, now)
        return DEFAULT_REFUSAL_WAIT_S if told is None else told

    def refused_fields(self, body: Mapping[str, object]) -> tuple[str, ...]:
        """Names (never values) of the fields a 400 or 422 complains about."""
        return ()

    def is_quota(self, response: Response) -> bool:
        """Whether a refusal means credits or plan, and not this key's rights."""
        return response.status == 402

    def fault(self, request: Request, response: Response, now: float) -> CrmError | None:
        """The error an answer amounts to, or None when it is the success that was asked for."""
        status = response.status
        if status == 429:
            wait_s = self.refusal_wait_s(response, now)
            return RateLimited(
                "rate_limited", "too many requests", platform=self.platform, status=status, retry_after_s=wait_s
            )
        if status == 401 or 300 <= status < 400:
            return self._refusal(response)  # whatever the body: servers word these two in HTML on their own
        if is_html(response):
            return self._html(request, response)
        if status < 300:
            return None
        if status >= 500:
            return ProviderUnavailable(
                "provider_error",
                f"the provider answered {status}",
                platform=self.platform,
                status=status,
                retry_after_s=retry_after_s(response.headers, now),
                outcome="unknown",
            )
        return self._refusal(response)

    def _html(self, request: Request, response: Response) -> CrmError:
        """A page in front of the API: a 404 in HTML says nothing about the record. With a success status nobody knows
        who answered; a refusal applied nothing."""
        outcome: Outcome = "not_applied" if 400 <= response.status < 500 else "unknown"
        return ProviderUnavailable(
            "provider_answered_html",
            f"a web page (status {response.status}) where JSON belongs, for {request.group}",
            platform=self.platform,
            status=response.status,
            outcome=outcome,
        )

    def _refusal(self, response: Response) -> CrmError:
        status = response.status
        kind: type[CrmError] = GiveUp
        code, message = "request_refused", f"the provider answered {status}"
        if self.is_quota(response):
            kind, code, message = QuotaExhausted, "quota_exhausted", "credits or plan are used up"
        elif status == 401:
            kind, code, message = Unauthorized, "credentials_refused", "the key or token was refused"
        elif status == 403:
            kind, code, message = Forbidden, "not_permitted", "this key may not do this"
        elif status in (404, 410):
            kind, code, message = NotFound, "record_not_found", "no such record"
        elif status in (400, 409, 422):
            kind, code, message = InvalidRecord, "record_refused", "the provider refused the values"
        elif status < 400:
            code, message = "unexpected_redirect", "the provider sent us elsewhere; check the base address"
        return kind(code, message, platform=self.platform, status=status, fields=self._fields(response))

    def _fields(self, response: Response) -> tuple[str, ...]:
        try:
            return self.refused_fields(json_object(response))
        except msgspec.DecodeError:
            return ()

    def misread(self, what: str) -> BadAnswer:
        """For readers of bodies: the answer came and is not what the documentation says."""
        return BadAnswer(
            "unexpected_answer", f"the answer does not read as {what}", platform=self.platform, outcome="unknown"
        )

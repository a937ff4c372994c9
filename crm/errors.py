"""What goes wrong at a CRM vendor, sorted by what the caller does about it.

CrmError
├── RetryLater           the same request may work later, nobody has to act
│   ├── RateLimited          429, or our own limiter said wait
│   ├── CircuitOpen          the vendor failed often lately, nothing was sent
│   ├── ProviderUnavailable  5xx, HTML where JSON belongs, dropped or refused connection
│   └── DeadlineExceeded     no answer in time
├── GiveUp               every further request fails until a person acts (key, plan, permission, our bug)
│   ├── Unauthorized         key or token refused
│   ├── Forbidden            key is good, the endpoint is not ours
│   ├── QuotaExhausted       credits or plan used up
│   ├── NotSupported         the provider does not do this: ask its capabilities first
│   └── BadAnswer            the vendor changed its format, or we misread it
└── SkipRecord           this record alone cannot be done, go on with the next
    ├── NotFound             gone, or never was
    ├── ChangedMeanwhile     not as it was when the caller decided: read it again and decide anew
    └── InvalidRecord        the vendor refused the values

Messages hold no customer words and no secrets: they are ours, never the vendor's text. What the vendor said about a
field is kept in ``fields`` by field name only.
"""

from typing import Literal

Outcome = Literal["not_applied", "unknown"]


class CrmError(Exception):
    """``code`` is stable snake_case. ``outcome`` is what became of a write: surely not applied, or nobody knows."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        platform: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
        outcome: Outcome = "not_applied",
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.platform = platform
        self.status = status
        self.retry_after_s = retry_after_s
        self.outcome = outcome
        self.fields = fields

    @property
    def retryable(self) -> bool:
        return isinstance(self, RetryLater)

    def __str__(self) -> str:
        where = f" ({self.platform})" if self.platform else ""
        return f"{self.code}{where}: {self.args[0]}"


class RetryLater(CrmError):  # noqa: N818
    """The same request may work later."""


class RateLimited(RetryLater):
    """Too many requests for this endpoint group; ``retry_after_s`` says when the group opens again."""


class CircuitOpen(RetryLater):
    """The vendor's circuit is open; nothing was sent."""


class ProviderUnavailable(RetryLater):
    """The vendor is down, unreachable, or answered with something that is not its API."""


class DeadlineExceeded(RetryLater):
    """No answer in time. A write that got as far as the vendor may have been applied: see ``outcome``."""


class GiveUp(CrmError):  # noqa: N818
    """No request of this kind works until a person acts."""


class Unauthorized(GiveUp):
    """The key or token was refused."""


class Forbidden(GiveUp):
    """The key is known and may not do this."""


class QuotaExhausted(GiveUp):
    """Credits or the plan's allowance are used up."""


class BadAnswer(GiveUp):
    """The answer does not have the documented form."""


class NotSupported(GiveUp):
    """This provider does not do that at all."""


class SkipRecord(CrmError):  # noqa: N818
    """Only this record is affected."""


class NotFound(SkipRecord):
    """No such record at the vendor (any more)."""


class ChangedMeanwhile(SkipRecord):
    """The record is not as the caller saw it; nothing was written."""


class InvalidRecord(SkipRecord):
    """The vendor refused the values; ``fields`` names them."""

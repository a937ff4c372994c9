"""Whether a failed request is tried again, and when. Pure: the caller sleeps."""

from msgspec import Struct

from crm.errors import CrmError


class RetryPolicy(Struct, frozen=True):
    """How often and how patiently one request is repeated. Times in seconds."""

    tries: int = 3
    base_s: float = 2.0
    cap_s: float = 60.0

    def __post_init__(self) -> None:
        if self.tries < 1 or self.base_s < 0 or self.cap_s < self.base_s:
            raise ValueError("retry policy: tries >= 1 and 0 <= base_s <= cap_s")


def wait_before_next(
    policy: RetryPolicy, *, failed_tries: int, error: CrmError, idempotent: bool, patience_s: float, chance: float
) -> float | None:
    """Seconds to wait before the next try, or None to give up and raise ``error``.

    ``failed_tries`` counts the one that just failed. ``patience_s`` is what the caller's deadline leaves. ``chance`` is
    a random number in [0, 1): the wait is half fixed and half random ("equal jitter", AWS Architecture Blog 2015),
    so that processes which failed together do not return together, yet none hammers at once.

    A write whose outcome nobody knows is never repeated here: only a look at the vendor tells whether it happened.
    A ``Retry-After`` is obeyed to the letter; when it is longer than the cap, the caller is better off rescheduling.
    """
    if not error.retryable or failed_tries >= policy.tries:
        return None
    if error.outcome == "unknown" and not idempotent:
        return None
    ceiling_s = min(policy.cap_s, policy.base_s * 2.0 ** (failed_tries - 1))
    wait_s = ceiling_s / 2 + ceiling_s / 2 * chance
    if error.retry_after_s is not None:
        if error.retry_after_s > policy.cap_s:
            return None
        wait_s = max(wait_s, error.retry_after_s)
    return wait_s if wait_s < patience_s else None

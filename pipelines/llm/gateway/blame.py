"""What a failure says of its provider, apart from the request that failed. Pure."""

from msgspec import Struct

from pipelines.llm.port import LlmError

_FAULTS_OF_THE_REQUEST = frozenset({"llm_bad_request", "llm_too_large"})
_NO_USE_TO_ASK_AGAIN = frozenset({"llm_unauthorized", "llm_forbidden", "llm_payment_required", "llm_not_found"})
_ASKS_FOR_A_PAUSE = frozenset({"llm_rate_limited", "llm_overloaded"})

PAUSE_S = 2.0
"""Where the provider named no time of its own."""
LONGEST_PAUSE_S = 120.0


class Blame(Struct, frozen=True):
    """``strikes``: failures to count at the circuit breaker · ``opens``: it opens at once, as a wrong key or a model
    that is not there mends no call · ``pause_s``: leave the provider alone for so long."""

    strikes: int = 0
    opens: bool = False
    pause_s: float = 0.0


def blame(error: LlmError) -> Blame:
    """A limit reached is an answer and no fault; a request that was refused for what is in it tells nothing."""
    if error.code in _FAULTS_OF_THE_REQUEST:
        return Blame()
    if error.code in _NO_USE_TO_ASK_AGAIN:
        return Blame(opens=True)
    pause_s = 0.0
    if error.code in _ASKS_FOR_A_PAUSE:
        wanted_s = error.retry_after_s if error.retry_after_s is not None else PAUSE_S
        pause_s = min(LONGEST_PAUSE_S, wanted_s)
    return Blame(strikes=0 if error.code == "llm_rate_limited" else 1, pause_s=pause_s)

"""Whether and when a failed request is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import (
    CrmError,
    DeadlineExceeded,
    InvalidRecord,
    Outcome,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)
from crm.retry import RetryPolicy, wait_before_next

POLICY = RetryPolicy()


def wait(
    error: CrmError, *, tries: int = 1, idempotent: bool = True, patience_s: float = 1e9, chance: float = 0.5
) -> float | None:
    return wait_before_next(
        POLICY, failed_tries=tries, error=error, idempotent=idempotent, patience_s=patience_s, chance=chance
    )


def down(outcome: Outcome = "not_applied", retry_after_s: float | None = None) -> CrmError:
    return ProviderUnavailable("provider_error", "down", outcome=outcome, retry_after_s=retry_after_s)


def test_three_tries_with_growing_waits() -> None:
    assert [wait(down(), tries=n) for n in (1, 2, 3)] == [1.5, 3.0, None]


@given(st.integers(1, 40), st.floats(0, 0.999))
def test_no_wait_is_longer_than_the_cap(tries: int, chance: float) -> None:
    patient = RetryPolicy(tries=100)
    waited = wait_before_next(patient, failed_tries=tries, error=down(), idempotent=True, patience_s=1e9, chance=chance)
    assert waited is not None
    assert min(60.0, 2.0 * 2 ** (tries - 1)) / 2 <= waited <= 60.0


@pytest.mark.parametrize("error", [InvalidRecord("record_refused", ""), Unauthorized("credentials_refused", "")])
def test_a_refusal_is_not_repeated(error: CrmError) -> None:
    assert wait(error) is None


def test_retry_after_is_obeyed() -> None:
    assert wait(RateLimited("rate_limited", "", retry_after_s=17.0)) == 17.0
    assert wait(RateLimited("rate_limited", "", retry_after_s=0.1)) == 1.5


def test_a_retry_after_beyond_the_cap_is_left_to_the_caller() -> None:
    assert wait(RateLimited("rate_limited", "", retry_after_s=61.0)) is None


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    assert wait(down(), patience_s=1.0) is None


def test_a_write_nobody_knows_the_outcome_of_is_never_repeated() -> None:
    unknown = DeadlineExceeded("provider_timeout", "", outcome="unknown")
    assert wait(unknown, idempotent=False) is None
    assert wait(unknown, idempotent=True) is not None
    assert wait(down("not_applied"), idempotent=False) is not None


@pytest.mark.parametrize("wrong", [{"tries": 0}, {"base_s": -1.0}, {"base_s": 90.0}])
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="retry policy"):
        RetryPolicy(**wrong)  # type: ignore[arg-type]

"""What becomes of a delivery after an attempt: decided from values and the time."""

from datetime import UTC, datetime, timedelta

import pytest

from agent_server.webhooks.deciding import DELAYS, Again, Answer, Delivered, GivenUp, decide, is_lost

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def after(attempts: int, answer: Answer, jitter: float = 0.0) -> timedelta | None:
    decision = decide(attempts, answer, now=NOW, jitter=jitter)
    return decision.at - NOW if isinstance(decision, Again) else None


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_what_is_answered_with_success_is_delivered(status: int) -> None:
    assert decide(1, Answer(status=status), now=NOW, jitter=0.5) == Delivered()


@pytest.mark.parametrize(
    "answer",
    [
        *(Answer(status=status) for status in (199, 300, 307, 400, 401, 404, 500)),
        *(Answer(error=error) for error in ("timed_out", "unreachable", "address_not_allowed")),
    ],
    ids=lambda answer: str(answer.status or answer.error),
)
def test_everything_else_is_tried_again_over_three_days_and_given_up_then(answer: Answer) -> None:
    waits = [after(attempts, answer) for attempts in range(1, 11)]
    assert waits == [*DELAYS, None]
    assert decide(10, answer, now=NOW, jitter=0.0) == GivenUp()
    assert timedelta(days=3) < sum(DELAYS, timedelta()) < timedelta(days=4)


def test_what_failed_together_does_not_come_together_again() -> None:
    failed = Answer(status=500)
    assert after(1, failed, 1.0) == SECOND * 5.5
    assert after(9, failed, 0.5) == timedelta(hours=25.2)


def test_gone_is_gone_at_the_first_attempt() -> None:
    assert decide(1, Answer(status=410), now=NOW, jitter=0.0) == GivenUp(gone=True)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("1", 5),  # sooner than the schedule is none of the receiver's business
        ("99999999999999999999", 86_400),
        ("Tue, 03 Mar 2026 12:10:00 GMT", 600),
        ("Tue, 03 Mar 2026 12:10:00", 600),
        ("Tue, 03 Mar 2020 12:10:00 GMT", 5),
        ("Tue, 03 Mar 2099 12:10:00 GMT", 86_400),
        ("-5", 5),
        ("soon", 5),
        ("", 5),
        ("٣", 5),
    ],
    ids=str,
)
def test_a_receiver_says_when(retry_after: str, seconds: int) -> None:
    assert after(1, Answer(status=503, retry_after=retry_after)) == SECOND * seconds


def test_a_busy_receiver_is_left_alone_altogether() -> None:
    def hold(status: int, retry_after: str | None = None) -> timedelta | None:
        decision = decide(1, Answer(status=status, retry_after=retry_after), now=NOW, jitter=0.0)
        assert isinstance(decision, Again)
        return decision.hold_until - NOW if decision.hold_until is not None else None

    assert [hold(status) for status in (429, 502, 503, 504)] == [SECOND * 10] * 4
    assert hold(429, "120") == SECOND * 120
    assert hold(429, "86400") == timedelta(hours=1), "at most: others than this one may be welcome"
    assert (hold(500), hold(500, "120")) == (None, None)


def test_five_days_of_failures_are_enough() -> None:
    assert not is_lost(timedelta(days=5) - SECOND)
    assert is_lost(timedelta(days=5))

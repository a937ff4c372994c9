"""The rules around sending and reading: what a failure means, where a sync goes on, which records to read."""

from datetime import UTC, datetime, timedelta

import pytest

from crm import advice, errors
from crm.contact import Change, ContactFields, RemoteContact
from crm.sync import cursors, outbox

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


def change(**about: object) -> Change:
    values = {"event_id": "ev_1", "at": NOW, "kind": "updated", "record": "contact", "external_id": "cont_1"}
    return Change(**(values | about))  # type: ignore[arg-type]


def test_an_address_with_nothing_behind_it_is_told_by_its_setting() -> None:
    assert "CLOSE_API_BASE" in advice.told("close", "record_not_found")


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (errors.RateLimited("rate_limited", "", retry_after_s=90), "retry"),
        (errors.ProviderUnavailable("server_error", ""), "retry"),
        (errors.ChangedMeanwhile("changed_meanwhile", ""), "retry"),
        (errors.BadAnswer("unexpected_answer", "", outcome="unknown"), "retry"),
        (errors.Unauthorized("credentials_refused", ""), "stop"),
        (errors.QuotaExhausted("quota_exhausted", ""), "stop"),
        (errors.InvalidRecord("invalid_record", ""), "bury"),
        (errors.NotSupported("not_supported", ""), "bury"),
    ],
)
def test_what_a_failure_means(error: errors.CrmError, action: str) -> None:
    assert outbox.after_failure(error, 1, now=NOW).action == action


def test_waits_grow_obey_the_vendor_and_end() -> None:
    error = errors.RateLimited("rate_limited", "", retry_after_s=600)
    assert outbox.after_failure(error, 1, now=NOW).due_at == NOW + timedelta(seconds=600)
    assert [outbox.backoff_s(attempts) for attempts in (1, 2, 3, 20)] == [30.0, 60.0, 120.0, 3600.0]
    assert outbox.after_failure(error, outbox.MOST_ATTEMPTS, now=NOW).action == "bury"


@pytest.mark.parametrize(
    ("error", "all_of_them"),
    [
        (errors.Unauthorized("credentials_refused", ""), True),
        (errors.QuotaExhausted("quota_exhausted", ""), True),
        (errors.ProviderUnavailable("provider_unreachable", ""), True),
        (errors.ProviderUnavailable("circuit_open", ""), True),
        (errors.ProviderUnavailable("server_error", ""), False),
        (errors.BadAnswer("unexpected_answer", "", outcome="unknown"), False),
        (errors.InvalidRecord("invalid_record", ""), False),
    ],
)
def test_what_fails_for_all_is_told_from_what_fails_for_one(error: errors.CrmError, all_of_them: bool) -> None:
    assert outbox.concerns_all(error) == all_of_them


def test_what_is_to_be_woken_is_looked_at_the_later_the_longer_it_has_waited() -> None:
    waits = [outbox.patience_s(timedelta(seconds=waited)) for waited in (0, 300, 3000, 36_000, 864_000)]
    assert waits == [30.0, 30.0, 300.0, 3600.0, 3600.0]


def test_the_last_attempt_but_one_is_followed_by_the_last() -> None:
    error = errors.ProviderUnavailable("server_error", "")
    last = outbox.after_failure(error, outbox.MOST_ATTEMPTS - 1, now=NOW)
    assert last == outbox.Verdict("retry", NOW + timedelta(hours=1))


def test_what_waits_for_its_turn_is_looked_at_as_often_as_it_failed_seldom() -> None:
    waits = outbox.Waits(outbox.CONTACT_NOT_READY, 45.0)
    assert waits.due_at(0, now=NOW) == waits.due_at(1, now=NOW) == NOW + timedelta(seconds=45)
    assert waits.due_at(3, now=NOW) == NOW + timedelta(seconds=120)


def test_an_unknown_outcome_is_given_time_to_show() -> None:
    error = errors.DeadlineExceeded("provider_timeout", "", outcome="unknown")
    due = outbox.after_failure(error, 1, now=NOW).due_at
    assert due is not None
    assert due >= NOW + timedelta(seconds=outbox.SETTLE_S)


def test_a_reference_is_the_same_for_ever() -> None:
    assert outbox.wire_reference("outcome:call_7") == outbox.wire_reference("outcome:call_7")
    assert outbox.wire_reference("outcome:call_7") != outbox.wire_reference("outcome:call_8")
    assert len(outbox.wire_reference("x" * 5000)) < 40


def test_which_records_are_read() -> None:
    assert cursors.to_read([change(parent_id="lead_1"), change(parent_id="lead_1", event_id="ev_2")]) == {
        ("parent", "lead_1")
    }
    assert cursors.to_read([change(parent_id=None)]) == {("contact", "cont_1")}
    assert cursors.to_read([change(kind="deleted", parent_id="lead_1")]) == {
        ("parent", "lead_1"),
        ("contact", "cont_1"),
    }
    merged = change(record="parent", external_id="lead_2", kind="merged", merged_from="lead_1", merged_into="lead_2")
    assert cursors.to_read([merged]) == {("parent", "lead_1"), ("parent", "lead_2")}
    assert cursors.aliases([merged]) == {"lead_1": "lead_2"}


def test_a_listing_goes_on_before_the_latest_time_seen() -> None:
    seen = [RemoteContact("x", str(n), ContactFields(), updated_at=NOW + timedelta(seconds=n)) for n in range(3)]
    edge = cursors.Edge().after(seen)
    assert edge.at == NOW + timedelta(seconds=2)
    assert edge.since() == NOW + timedelta(seconds=2) - cursors.OVERLAP
    assert edge.after([]) == edge
    assert cursors.Edge().since() is None

"""When messages go out, and to whom they do not: decided from values and the time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from agent_server.campaigns.pacing import ASK, GO, Later, Never, Pace, decide, next_turn
from pipelines.calendar.opening import opens_at
from pipelines.calendar.rules import read_hours
from storage.campaigns.release import Candidate, SendingCampaign

BERLIN, TOKYO, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
PACE = Pace(read_hours("mon-fri 09:00-17:00"), 60, BERLIN)
TUESDAY_NOON = datetime(2026, 3, 3, 11, tzinfo=UTC)
ID = UUID(int=1)


def message(**about: Any) -> Candidate:
    facts: dict[str, Any] = {
        "contact_email": "ann@one.test",
        "contact_phone": None,
        "time_zone": None,
        "opted_out_at": None,
        "lead_status": "pending",
        "custom": {},
        "suppressed": False,
        "results": (),
        "in_touch": False,
    }
    return Candidate(id=ID, campaign_id=ID, lead_id=ID, step=0, position=0, **(facts | about))


def test_messages_are_spread_evenly_over_the_hour() -> None:
    def turn(per_hour: int | None, released_s: float | None, last_s: float | None) -> float | None:
        def at(ago_s: float | None) -> datetime | None:
            return None if ago_s is None else TUESDAY_NOON - timedelta(seconds=ago_s)

        found = next_turn(SendingCampaign(ID, True, per_hour, at(released_s)), at(last_s), PACE)
        return None if found is None else (found - TUESDAY_NOON).total_seconds()

    assert turn(None, None, None) is None
    assert turn(None, 10, 10) == 50
    assert turn(6, 10, 10) == 590, "its own pace is slower"
    assert turn(3600, 10, 10) == 50, "the server's is"
    assert turn(6, None, 90) == -30


def test_a_message_waits_for_the_hours_of_its_recipient() -> None:
    assert decide(message(), (), PACE, TUESDAY_NOON) == GO
    assert decide(message(), (TOKYO,), PACE, TUESDAY_NOON) == Later(datetime(2026, 3, 4, 0, tzinfo=UTC))
    assert decide(message(), (NEW_YORK,), PACE, TUESDAY_NOON) == Later(datetime(2026, 3, 3, 14, tzinfo=UTC))
    friday_night = datetime(2026, 3, 6, 20, tzinfo=UTC)
    assert decide(message(), (), PACE, friday_night) == Later(datetime(2026, 3, 9, 8, tzinfo=UTC)), "after the weekend"
    over_the_change = datetime(2026, 3, 27, 20, tzinfo=UTC)
    assert decide(message(), (), PACE, over_the_change) == Later(datetime(2026, 3, 30, 7, tzinfo=UTC))


def test_zones_without_an_hour_in_common_fall_back_on_the_offices() -> None:
    far = (TOKYO, NEW_YORK)
    assert opens_at(far, PACE.hours, TUESDAY_NOON) is None
    assert decide(message(), far, PACE, TUESDAY_NOON) == GO
    near = (BERLIN, ZoneInfo("Europe/London"))
    assert opens_at(near, PACE.hours, datetime(2026, 3, 3, 8, 30, tzinfo=UTC)) == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_whoever_is_in_touch_is_a_persons_to_write_to() -> None:
    assert decide(message(in_touch=True), (TOKYO,), PACE, TUESDAY_NOON) == ASK
    assert decide(message(in_touch=True, suppressed=True), (), PACE, TUESDAY_NOON) == Never("suppressed")


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"opted_out_at": TUESDAY_NOON}, "opted_out"),
        ({"suppressed": True}, "suppressed"),
        ({"results": ("booked", "replied")}, "booked"),
        ({"custom": {"consent": "Withdrawn"}}, "no_consent"),
        ({"lead_status": "not_interested"}, "not_interested"),
        ({"contact_email": None}, "no_email"),
    ],
)
def test_who_must_not_get_it_never_does(about: dict[str, Any], reason: str) -> None:
    assert decide(message(**about), (), PACE, TUESDAY_NOON) == Never(reason)

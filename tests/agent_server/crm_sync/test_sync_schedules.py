"""When each platform is synced by itself, as the settings say."""

import pytest

from agent_server.crm_sync.settings import schedules
from agent_server.settings import SettingsError, read_settings


def given(**environment: str) -> dict[str, str]:
    return schedules(read_settings(environment, {}, {}).crm)


def test_each_platform_has_its_hours() -> None:
    usual = {"close": "0 */2 * * *", "apollo": "0 2 * * *", "linkedin": "0 3 * * *"}
    assert given() == usual
    assert given(APOLLO_SYNC_SCHEDULE="") == usual, "an empty value is none"
    assert given(CLOSE_SYNC_SCHEDULE="*/5 * * * *") == usual | {"close": "*/5 * * * *"}


def test_a_platform_is_never_synced_by_itself_where_that_is_said() -> None:
    assert set(given(APOLLO_SYNC_SCHEDULE="never", LINKEDIN_SYNC_SCHEDULE="never")) == {"close"}


def test_what_is_no_schedule_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"five fields such as .*, or never"):
        given(APOLLO_SYNC_SCHEDULE="sometimes")

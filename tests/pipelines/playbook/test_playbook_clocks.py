"""A caller who lives by another clock than the office hears by which one a time is meant."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playbook_talk import MONDAY, Talk

from pipelines.briefing import Briefing, written
from pipelines.llm.port import Message
from pipelines.playbook.tools import SERVER_TOOLS

SCRIPT = ("I'd like to book a demo", "the second one", "Jane Doe", "jane@acme.com", "yes")


def talk(time_zone: str | None) -> Talk:
    def clock() -> datetime:
        return MONDAY.astimezone(ZoneInfo("Europe/Berlin"))

    briefing = written(Briefing(score=50, tier="warm", time_zone=time_zone))
    return Talk(history=[Message("system", briefing)], tools=SERVER_TOOLS, clock=clock)


def test_times_are_named_with_the_clock() -> None:
    elsewhere = talk("America/New_York")
    said = elsewhere.script(*SCRIPT)
    assert "Berlin time" in said[1]
    assert "Berlin time" in said[-1]
    assert '"start": "2026-11-25T14:00:00+01:00"' in elsewhere.called("book_meeting")[0].arguments


def test_nobody_else_is_bothered_with_it() -> None:
    said = talk(None).script(*SCRIPT)
    assert any("Tuesday" in words or "Wednesday" in words for words in said), "times are named"
    assert not any("Berlin" in words for words in said)

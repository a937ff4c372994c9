import asyncio
from datetime import datetime

import pytest

from agent_server.cli.outcome import CommandError
from agent_server.cli.showing import news
from agent_server.cli.showing.cast import Line, Visit

AT = datetime(2026, 11, 30, 9, 5, 7)  # noqa: DTZ001 - as the machine's clock shows it
ANN = Visit(id="ann", name="Ann Lee", door="phone", lines=(Line("Hi"),))


def conversation(*kinds: str, lines: int = 2) -> dict[str, object]:
    items = [{"role": "user"}, {"role": "assistant"}] * lines
    return {"outcomes": [{"kind": kind} for kind in kinds], "items": items}


def test_a_conversation_is_told_as_it_begins_and_ends() -> None:
    assert news.began(ANN, AT) == "09:05:07  > Ann Lee, telephone"
    assert news.ended(ANN, AT, "booked a meeting") == "09:05:07  < Ann Lee, telephone: booked a meeting"
    assert news.waits("Ann Lee", "http://here", AT) == "09:05:07  ! Ann Lee waits for a person: http://here"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "was not let in"),
        (conversation(lines=1), "asked, and left (1 line)"),
        (conversation("lead_update"), "asked, and left (2 lines)"),
        (conversation("lead_update", "meeting"), "booked a meeting (2 lines)"),
        (conversation("handoff"), "asked for a person (2 lines)"),
        (conversation("meeting", "opt_out"), "wants no more calls (2 lines)"),
    ],
)
def test_what_matters_most_is_what_became_of_it(found: object, told: str) -> None:
    assert news.became(found) == told


async def test_a_step_is_a_line_with_a_dot_a_second(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "_DOT_S", 0.01)

    async def slow() -> int:
        await asyncio.sleep(0.05)
        news.say("somebody came")
        return 3

    assert await news.step("Leads", slow, lambda made: f"{made} rows") == 3
    printed = capsys.readouterr().out
    assert printed.startswith("  Leads      . ") and printed.endswith(". 3 rows\nsomebody came\n")


async def test_a_step_that_fails_leaves_the_line_to_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    async def broken() -> str:
        raise CommandError("refused")

    with pytest.raises(CommandError):
        await news.step("Leads", broken, str)
    assert capsys.readouterr().out == "  Leads      \n"


def test_it_says_where_it_is_and_how_to_have_it_again() -> None:
    words = "\n".join(news.opening_words("http://127.0.0.1:8080", "sk_sales_key", "/data/demo"))
    assert "http://127.0.0.1:8080/\n" in words and "sk_sales_key" in words and "/data/demo" in words
    assert news.going_on(20.0) == "Now somebody comes about every 20 s, until Ctrl-C."
    assert list(news.farewell("sales-agent demo")) == [
        "Stopped; nothing is left running.",
        "  sales-agent demo             goes on with the same data",
        "  sales-agent demo --fresh     begins anew",
    ]

"""Words that sound like a wish for no more calls, and are none."""

import pytest
from playbook_talk import Talk

from pipelines.playbook.tools import SERVER_TOOLS


@pytest.mark.parametrize("said", ["calls", "okay and who's calling again?", "phone calls mostly", "messages"])
def test_speaking_of_calls_is_no_wish_for_peace(said: str) -> None:
    talk = Talk(tools=SERVER_TOOLS)
    answer = talk.script("why", said)[2]
    assert "list" not in answer


def test_how_we_meet_is_no_wish_for_peace() -> None:
    talk = Talk(tools=SERVER_TOOLS)
    said = talk.script(
        "book me a demo",
        "the first one",
        "Anna Weiss",
        "anna@weiss.de",
        "yes",
        "will you call me or do I join online",
        "ok bye",
    )
    assert "invitation" in said[6]
    assert not talk.called("opt_out")

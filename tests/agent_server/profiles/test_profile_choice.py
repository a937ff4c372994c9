"""Which agent a conversation gets, decided by values."""

import pytest

from agent_server.profiles.choice import Asked, chosen, session_of, settings_profile
from agent_server.realtime.session_object import DEFAULT_INSTRUCTIONS, SemanticVadConfig
from agent_server.web.errors import Problem
from storage.agents.profiles import AgentProfile, ProfileFacts

PROFILES = {
    "default": settings_profile("Ava", "Acme"),
    "bikes": AgentProfile(slug="bikes", version=3, facts=ProfileFacts(name="Zoë", numbers=("+14155550100",))),
    "boats": AgentProfile(slug="boats", version=1, facts=ProfileFacts(voice="ash", speed=1.25, eagerness="high")),
}


@pytest.mark.parametrize(
    ("asked", "slug"),
    [
        (Asked(), "default"),
        (Asked(agent="boats", model="bikes", dialled="+14155550100", arranged="bikes"), "boats"),
        (Asked(model="boats", dialled="+14155550100", arranged="bikes"), "boats"),
        (Asked(model="gpt-realtime", dialled="(415) 555-0100", arranged="boats"), "bikes"),
        (Asked(model="gpt-realtime", dialled="+14155550199", arranged="boats"), "boats"),
        (Asked(arranged="gone"), "default"),
        (Asked(agent=""), "default"),
    ],
)
def test_the_plainest_word_decides(asked: Asked, slug: str) -> None:
    assert chosen(PROFILES, asked).slug == slug


def test_who_is_asked_for_by_name_has_to_be_there() -> None:
    with pytest.raises(Problem) as refused:
        chosen(PROFILES, Asked(agent="gone"))
    assert (refused.value.status, refused.value.code) == (404, "agent_profile_not_found")


def test_a_session_starts_from_the_profile_and_from_the_settings_until_there_is_one() -> None:
    assert session_of(PROFILES["default"]).instructions == (
        f"{DEFAULT_INSTRUCTIONS} Your name is Ava. You speak for Acme."
    )
    boats = session_of(PROFILES["boats"])
    assert (boats.audio.output.voice, boats.audio.output.speed) == ("ash", 1.25)
    assert boats.audio.input.turn_detection == SemanticVadConfig(eagerness="high")
    assert boats.instructions.endswith(DEFAULT_INSTRUCTIONS)

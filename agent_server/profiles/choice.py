"""Which profile a conversation gets, and what its session starts from. Pure: values in, values out."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from agent_server.profiles.instructions import default_instructions
from agent_server.realtime.session_object import (
    AudioConfig,
    InputConfig,
    OutputConfig,
    SemanticVadConfig,
    SessionConfig,
    manner,
)
from agent_server.web.errors import Problem
from pipelines.agent_profile import instructions_of
from storage.agents.profiles import DEFAULT_SLUG, AgentProfile, ProfileFacts
from storage.phone_number import normalised_or_text


class Asked(Struct, frozen=True, kw_only=True):
    """What is said of who is to talk, the strongest first: ``agent`` plainly, ``model`` by a client of the protocol,
    the number that was ``dialled``, what whoever let the client in ``arranged``."""

    agent: str | None = None
    model: str | None = None
    dialled: str | None = None
    arranged: str | None = None


def chosen(profiles: Mapping[str, AgentProfile], asked: Asked) -> AgentProfile:
    """One of ``profiles``, of which there is a default. Raises Problem ``agent_profile_not_found`` for an ``agent``
    that is none of them; a ``model`` may have any name."""
    if asked.agent:
        return known_profile(profiles, asked.agent)
    by_number = profile_of_number(profiles.values(), asked.dialled) if asked.dialled else None
    named = (profiles.get(asked.model or ""), by_number, profiles.get(asked.arranged or ""))
    return next((profile for profile in named if profile is not None), profiles[DEFAULT_SLUG])


def known_profile(profiles: Mapping[str, AgentProfile], slug: str) -> AgentProfile:
    """Raises Problem ``agent_profile_not_found``."""
    profile = profiles.get(slug)
    if profile is None:
        message = "There is no such agent; /api/agent-profiles lists those there are."
        raise Problem(404, "agent_profile_not_found", message, param="agent")
    return profile


def profile_of_number(profiles: Iterable[AgentProfile], number: str) -> AgentProfile | None:
    """The one that answers it; at most one does."""
    dialled = normalised_or_text(number)
    return next((profile for profile in profiles if dialled in profile.facts.numbers), None)


def settings_profile(agent_name: str, company_name: str) -> AgentProfile:
    """The default one, until somebody writes it."""
    return AgentProfile(slug=DEFAULT_SLUG, facts=ProfileFacts(name=agent_name, company=company_name))


def session_of(profile: AgentProfile) -> SessionConfig:
    """What a session starts from before its client says anything."""
    if profile.version == 0:
        return SessionConfig(instructions=default_instructions(profile.facts.name, profile.facts.company))
    return session_of_facts(profile.facts)


def session_of_facts(facts: ProfileFacts) -> SessionConfig:
    output = OutputConfig(speed=facts.speed)
    return SessionConfig(
        instructions=instructions_of(facts, manner(facts.language, qualifies=facts.qualifies)),
        audio=AudioConfig(
            input=InputConfig(turn_detection=SemanticVadConfig(eagerness=facts.eagerness)),
            output=output if facts.voice is None else OutputConfig(voice=facts.voice, speed=facts.speed),
        ),
    )

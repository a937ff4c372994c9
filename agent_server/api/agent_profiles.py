"""Who the agent is: profiles that a sales team writes while everything runs."""

from agent_server.api.agent_profile_forms import (
    AgentFacts,
    AgentPreview,
    AgentProfile,
    AgentProfileVersion,
    AgentProfileVersions,
    NewAgentProfile,
    SavedAgentProfile,
    facts_of,
    shown_profile,
    shown_version,
)
from agent_server.api.endpoint import Call, Resource
from agent_server.api.voice import languages_of, voices_of
from agent_server.profiles.choice import known_profile, session_of_facts
from agent_server.web.errors import Problem
from pipelines.language.tags import primary, told
from pipelines.llm.port import ChatRequest, Message
from pipelines.playbook.model import Playbook
from storage.agents.profiles import DEFAULT_SLUG, ProfileFacts, ProfileVersion
from storage.agents.profiles import AgentProfile as KeptProfile
from storage.postgres.cursor import Page

agent_profiles = Resource("agent profiles", "Who the agent is: its name, what it sells, what it asks, its voice.")


@agent_profiles.get("/api/agent-profiles", scope="read", summary="List the agents, the default one first")
async def list_agent_profiles(call: Call) -> Page[AgentProfile]:
    profiles = call.services.profiles.known.values()
    ordered = sorted(profiles, key=lambda profile: (profile.slug != DEFAULT_SLUG, profile.slug))
    return Page(items=tuple(map(_shown, ordered)), next_cursor=None)


@agent_profiles.post("/api/agent-profiles", scope="write", summary="Write another agent", status=201, errors=(409, 422))
async def add_agent_profile(call: Call, body: NewAgentProfile) -> AgentProfile:
    """The next conversation that asks for it gets it: `?agent=` or `model=` of the realtime protocol, `agent` of the
    widget, of a client secret, a call or a call list, and whoever calls one of its numbers."""
    facts = _checked(call, body)
    services = call.services
    saved = await services.profiles.kept.create(body.slug, facts, by=call.key_holder.key_id, now=services.utc_now())
    await services.profiles.refresh()
    return _shown(saved)


@agent_profiles.post("/api/agent-profiles/preview", scope="read", summary="What an agent would be told", errors=(422,))
async def preview_agent_profile(call: Call, body: AgentFacts) -> AgentPreview:
    """Nothing is saved."""
    facts = facts_of(body)
    session = session_of_facts(facts)
    messages = [Message("system", text) for text in (session.instructions, told(facts.language)) if text]
    reply = Playbook(call.services.teaching.knowledge).reply(ChatRequest(tuple(messages)))
    return AgentPreview(
        instructions=session.instructions,
        opening=reply.text,
        voice=body.voice,
        speed=body.speed,
        eagerness=body.eagerness,
        language=facts.language,
    )


@agent_profiles.get("/api/agent-profiles/{slug}", scope="read", summary="One agent", errors=(404,))
async def get_agent_profile(call: Call) -> AgentProfile:
    return _shown(_existing(call))


@agent_profiles.put("/api/agent-profiles/{slug}", scope="write", summary="Save an agent", errors=(404, 409, 422))
async def save_agent_profile(call: Call, body: SavedAgentProfile) -> AgentProfile:
    """The next conversation has it so, in every process; those under way keep what they began with. `409
    agent_profile_changed`: somebody else has saved it since `version`."""
    return await _save(call, _checked(call, body), version=body.version)


@agent_profiles.delete(
    "/api/agent-profiles/{slug}", scope="write", summary="Delete an agent and its versions", errors=(404, 409)
)
async def delete_agent_profile(call: Call) -> None:
    """Whoever asks for it by number or client secret then gets the default one, which cannot be deleted; nor can one in
    whose name a call list calls or is to call (`agent_profile_in_use`)."""
    profiles = call.services.profiles
    if not await profiles.kept.delete(call.path("slug")):
        raise _missing()
    await profiles.refresh()


@agent_profiles.get(
    "/api/agent-profiles/{slug}/versions",
    scope="read",
    summary="What was saved of an agent, newest first",
    errors=(404,),
)
async def list_agent_profile_versions(call: Call) -> AgentProfileVersions:
    versions = await call.services.profiles.kept.versions(_existing(call).slug)
    return AgentProfileVersions(tuple(map(shown_version, versions)))


@agent_profiles.get(
    "/api/agent-profiles/{slug}/versions/{version}", scope="read", summary="One version of an agent", errors=(404,)
)
async def get_agent_profile_version(call: Call) -> AgentProfileVersion:
    return shown_version(await _version(call))


@agent_profiles.post(
    "/api/agent-profiles/{slug}/versions/{version}/restore",
    scope="write",
    summary="Have an agent as it was",
    errors=(404, 409),
)
async def restore_agent_profile(call: Call) -> AgentProfile:
    """Saved as a new version."""
    old = await _version(call)
    return await _save(call, old.facts, version=_existing(call).version)


async def _save(call: Call, facts: ProfileFacts, *, version: int) -> AgentProfile:
    services = call.services
    saved = await services.profiles.kept.save(
        call.path("slug"), facts, version=version, by=call.key_holder.key_id, now=services.utc_now()
    )
    if saved is None:
        raise _missing()
    await services.profiles.refresh()
    return _shown(saved)


def _checked(call: Call, body: AgentFacts) -> ProfileFacts:
    """Raises Problem ``voice_unknown``, ``language_not_supported``, and what ``facts_of`` raises."""
    facts = facts_of(body)
    if facts.voice is not None and facts.voice not in {voice.id for voice in voices_of(call.services)}:
        message = "There is no such voice; /api/voice/voices lists those there are."
        raise Problem(422, "voice_unknown", message, param="voice")
    if primary(facts.language) not in languages_of(call.services):
        message = "This server's recognisers do not understand this language, or no voice speaks it; see"
        raise Problem(422, "language_not_supported", f"{message} /api/voice/languages.", param="language")
    return facts


def _existing(call: Call) -> KeptProfile:
    try:
        return known_profile(call.services.profiles.known, call.path("slug"))
    except Problem:
        raise _missing() from None


async def _version(call: Call) -> ProfileVersion:
    number = call.path("version")
    kept = call.services.profiles.kept
    version = await kept.version(_existing(call).slug, int(number)) if number.isdecimal() and len(number) < 9 else None
    if version is None:
        raise Problem(404, "agent_profile_version_not_found", "No such version was saved.", param="version")
    return version


def _shown(profile: KeptProfile) -> AgentProfile:
    return shown_profile(profile, is_default=profile.slug == DEFAULT_SLUG)


def _missing() -> Problem:
    return Problem(404, "agent_profile_not_found", "There is no such agent.", param="slug")

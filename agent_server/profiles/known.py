"""The profiles as this process knows them: in memory, so that no conversation waits for them, and in step with what was
saved by whichever process."""

import asyncio
import logging
from collections.abc import Iterable, Mapping

from msgspec import structs

from agent_server.background.working_when_told import LONGEST_S, working_when_told
from agent_server.profiles.choice import Asked, chosen, known_profile, profile_of_number, session_of, settings_profile
from agent_server.realtime.session_object import SessionConfig
from agent_server.settings import Settings
from pipelines.agents.marketing.brief import Sender
from storage.agents.profiles import CHANNEL, DEFAULT_SLUG, AgentProfile, AgentProfiles
from storage.errors import StorageError
from storage.postgres.database import Database

log = logging.getLogger(__name__)


class Profiles:
    """``kept`` is where they are saved. There is always a default one."""

    def __init__(self, database: Database, settings: Settings) -> None:
        process = settings.process
        self.kept = AgentProfiles(database)
        self._line = database.line
        self._transfer_number = settings.telephony.transfer_number
        self._of_settings = settings_profile(process.agent_name, process.company_name)
        self._looking = asyncio.Lock()
        self._known: Mapping[str, AgentProfile] = {}
        self._sessions: Mapping[str, SessionConfig] = {}
        self._take([])

    @property
    def known(self) -> Mapping[str, AgentProfile]:
        """By slug."""
        return self._known

    @property
    def default(self) -> AgentProfile:
        return self._known[DEFAULT_SLUG]

    @property
    def questions(self) -> Mapping[str, str]:
        """In words, by key; where several agents ask for the same, as the default one does."""
        others = [profile for slug, profile in self._known.items() if slug != DEFAULT_SLUG]
        return {one.key: one.question for profile in (*others, self.default) for one in profile.facts.questions}

    def chosen(self, asked: Asked) -> AgentProfile:
        """Raises Problem ``agent_profile_not_found``."""
        return chosen(self._known, asked)

    def check(self, slug: str | None) -> str | None:
        """The slug of one there is, or None. Raises Problem ``agent_profile_not_found``."""
        return known_profile(self._known, slug).slug if slug is not None else None

    def get(self, slug: str | None) -> AgentProfile:
        """The default one where it is not there any more."""
        return self._known.get(slug or DEFAULT_SLUG, self.default)

    def of_number(self, dialled: str | None) -> AgentProfile:
        """The one that answers it, else the default one."""
        return (profile_of_number(self._known.values(), dialled) if dialled else None) or self.default

    def session(self, profile: AgentProfile) -> SessionConfig:
        """What its sessions start from."""
        return self._sessions[profile.slug]

    def session_without_greeting(self, profile: AgentProfile) -> SessionConfig:
        """For a call in which other words come first."""
        return session_of(structs.replace(profile, facts=structs.replace(profile.facts, greeting="")))

    def transfer_number(self, slug: str | None) -> str | None:
        """Of the person who takes over from it; None: there is nobody."""
        return self.get(slug).facts.transfer_number or self._transfer_number

    def sender(self, slug: str | None) -> Sender:
        """In whose name it is written; the default one's where it is not there any more. A company has to be named."""
        profile = self.get(slug)
        facts = profile.facts
        company = facts.company or self.default.facts.company
        return Sender(name=facts.name, company=company, about=facts.about, agent=profile.slug, language=facts.language)

    async def refresh(self) -> None:
        """Know every change that is saved by now. What cannot be read is read later; until then the old holds."""
        try:
            await self._read()
        except StorageError as error:
            log.warning("who the agents are cannot be read now: %s", error.code)

    async def keep(self) -> None:
        """Until cancelled."""
        await working_when_told(self._line, CHANNEL, self._work, name="agents that were saved are not known")

    async def _work(self) -> float:
        await self._read()
        return LONGEST_S

    async def _read(self) -> None:
        async with self._looking:
            self._take(await self.kept.all())

    def _take(self, saved: Iterable[AgentProfile]) -> None:
        known = {self._of_settings.slug: self._of_settings} | {profile.slug: profile for profile in saved}
        self._sessions = {
            slug: self._sessions[slug] if self._known.get(slug) == profile else session_of(profile)
            for slug, profile in known.items()
        }
        self._known = known

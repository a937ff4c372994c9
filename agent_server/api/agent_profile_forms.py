"""What the API of agent profiles takes and shows."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, structs

from agent_server.api.numbers import Number, number_of
from agent_server.web.errors import Problem
from pipelines.language.tags import tidy
from storage.agents.profiles import AgentProfile as KeptProfile
from storage.agents.profiles import Eagerness, ProfileFacts, ProfileQuestion, ProfileVersion

Slug = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Name = Annotated[str, Meta(max_length=60, pattern=r"^[^\r\n]*$")]
Company = Annotated[str, Meta(max_length=80, pattern=r"^[^\r\n]*$")]
Greeting = Annotated[str, Meta(max_length=400, pattern=r"^[^\r\n]*$")]
About = Annotated[str, Meta(max_length=4000)]
Rule = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\r\n]*\S[^\r\n]*$")]
Words = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\r\n]*\S[^\r\n]*$")]
Choice = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\r\n]*\S[^\r\n]*$")]
AnswerKey = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
VoiceId = Annotated[str, Meta(min_length=1, max_length=100)]
LanguageTag = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Speed = Annotated[float, Meta(ge=0.25, le=1.5)]

MOST_RULES: Final = 30
MOST_QUESTIONS: Final = 8
MOST_CHOICES: Final = 8
MOST_NUMBERS: Final = 50


class AgentQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key`: what the answer is kept under, in `answers` of the lead. `choices`: the answers to choose from; without
    any the caller's own words are kept."""

    key: AnswerKey
    question: Words
    choices: Annotated[tuple[Choice, ...], Meta(max_length=MOST_CHOICES)] = ()


class AgentFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`greeting`: what it says first, word for word; empty: its own words. A call that the agent makes begins with what
    the law wants to be said instead. `about`: what it sells, and what one should know. `rules`: what to do and never to
    do; a model follows them, the embedded playbook cannot. `questions` are asked in this order once the need is known.
    `qualifies`: whether it also finds out how large their team is, their budget, who decides and when. `voice`: one of
    `/api/voice/voices`; null: the provider's own. `eagerness`: how soon it takes its turn. `language`: what it talks
    and understands, one of `/api/voice/languages`, with a region where that matters (`de-CH`). `transfer_number`: of
    the person who takes over; null: `TRANSFER_NUMBER`. `numbers`: those it answers, with their country codes; no other
    agent may have them."""

    name: Name = ""
    company: Company = ""
    greeting: Greeting = ""
    about: About = ""
    rules: Annotated[tuple[Rule, ...], Meta(max_length=MOST_RULES)] = ()
    questions: Annotated[tuple[AgentQuestion, ...], Meta(max_length=MOST_QUESTIONS)] = ()
    qualifies: bool = True
    voice: VoiceId | None = None
    speed: Speed = 1.0
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    language: LanguageTag = "en"
    transfer_number: Number | None = None
    numbers: Annotated[tuple[Number, ...], Meta(max_length=MOST_NUMBERS)] = ()


class NewAgentProfile(AgentFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`slug`: how pages, programs and calls name it."""

    slug: Slug


class SavedAgentProfile(AgentFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whole: what is left out is emptied. `version`: the one it was read at."""

    version: Annotated[int, Meta(ge=0)]


class AgentProfile(AgentFacts, frozen=True, kw_only=True):
    """`version` 0: nothing was saved, and `AGENT_NAME` and `COMPANY_NAME` make it. `is_default`: it talks where no
    other is asked for."""

    slug: str
    is_default: bool
    version: int
    created_at: datetime | None
    updated_at: datetime | None


class AgentProfileVersion(Struct, frozen=True, kw_only=True):
    """`saved_by`: what the key is called."""

    version: int
    saved_at: datetime
    saved_by: str | None
    facts: AgentFacts


class AgentProfileVersions(Struct, frozen=True):
    """The newest first; of very many the newest hundred."""

    items: tuple[AgentProfileVersion, ...]


class AgentPreview(Struct, frozen=True, kw_only=True):
    """`instructions`: what it is told; a client of the realtime protocol may set them in a session of its own to try
    it. `opening`: the first words of a call that comes in, as the embedded playbook says them."""

    instructions: str
    opening: str
    voice: str | None
    speed: float
    eagerness: Eagerness
    language: str


def facts_of(body: AgentFacts) -> ProfileFacts:
    """As they are kept. Raises Problem ``duplicate_key``, ``number_invalid``."""
    keys = [one.key for one in body.questions]
    if len(set(keys)) < len(keys):
        raise Problem(422, "duplicate_key", "Two questions keep their answers under the same key.", param="questions")
    numbers = dict.fromkeys(number_of(number, param="numbers") for number in body.numbers)
    return ProfileFacts(
        name=_line(body.name),
        company=_line(body.company),
        greeting=_line(body.greeting),
        about=body.about.strip(),
        rules=tuple(map(_line, body.rules)),
        questions=tuple(
            ProfileQuestion(one.key, _line(one.question), tuple(dict.fromkeys(map(_line, one.choices))))
            for one in body.questions
        ),
        qualifies=body.qualifies,
        voice=body.voice,
        speed=body.speed,
        eagerness=body.eagerness,
        language=tidy(body.language),
        transfer_number=number_of(body.transfer_number, param="transfer_number") if body.transfer_number else None,
        numbers=tuple(numbers),
    )


def shown_facts(facts: ProfileFacts) -> AgentFacts:
    """Whatever was saved, by earlier bounds too."""
    questions = tuple(AgentQuestion(**structs.asdict(one)) for one in facts.questions)
    return AgentFacts(**structs.asdict(facts) | {"questions": questions})


def shown_profile(profile: KeptProfile, *, is_default: bool) -> AgentProfile:
    return AgentProfile(
        **structs.asdict(shown_facts(profile.facts)),
        slug=profile.slug,
        is_default=is_default,
        version=profile.version,
        created_at=profile.created_at,
        updated_at=profile.updated_at,
    )


def shown_version(version: ProfileVersion) -> AgentProfileVersion:
    return AgentProfileVersion(
        version=version.version,
        saved_at=version.saved_at,
        saved_by=version.saved_by_name,
        facts=shown_facts(version.facts),
    )


def _line(text: str) -> str:
    return " ".join(text.split())

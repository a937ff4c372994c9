"""The tools of the server the playbook knows how to use. The server runs them; the playbook only calls those it is
offered."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, UnsetType

from pipelines.llm.port import ToolSpec
from pipelines.tools.arguments import Arguments, parameters_of


class BookMeeting(Arguments, frozen=True, kw_only=True):
    start: Annotated[datetime, Meta(description="Start of the meeting, RFC 3339 with the time zone.", tz=True)]
    duration_minutes: Annotated[int, Meta(description="Length in minutes.", ge=5, le=240)] | UnsetType = UNSET
    email: (
        Annotated[str, Meta(description="The caller's e-mail address, for the invitation.", max_length=320)] | UnsetType
    ) = UNSET
    name: Annotated[str, Meta(description="The caller's name.", max_length=200)] | UnsetType = UNSET
    company: Annotated[str, Meta(description="The caller's company.", max_length=200)] | UnsetType = UNSET
    notes: (
        Annotated[str, Meta(description="What the meeting is about, for the specialist.", max_length=2000)] | UnsetType
    ) = UNSET
    if_booked: (
        Annotated[
            Literal["move", "add"],
            Meta(
                description="Only for a caller who has a meeting already and said which: move it to this time, or book"
                " another beside it."
            ),
        ]
        | UnsetType
    ) = UNSET

    moves: (
        Annotated[
            datetime,
            Meta(
                description="With if_booked move, of a caller who has several: the start of the one to move, RFC 3339."
                " Without it their next one is moved.",
                tz=True,
            ),
        ]
        | UnsetType
    ) = UNSET


class CancelMeeting(Arguments, frozen=True, kw_only=True):
    start: Annotated[datetime, Meta(description="Start of the caller's meeting, RFC 3339 with the time zone.", tz=True)]


class OptOut(Arguments, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(description="The caller's own words.")] | UnsetType = UNSET


class RequestErasure(Arguments, frozen=True, kw_only=True):
    pass


class HandoffToPerson(Arguments, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(description="Why, in a few words.")]
    summary: Annotated[str, Meta(description="What the colleague should know before speaking.")] | UnsetType = UNSET


class UpdateLead(Arguments, frozen=True, kw_only=True):
    name: Annotated[str, Meta(description="The caller's name.")] | UnsetType = UNSET
    company: Annotated[str, Meta(description="The caller's company.")] | UnsetType = UNSET
    email: Annotated[str, Meta(description="The caller's e-mail address.")] | UnsetType = UNSET
    phone: Annotated[str, Meta(description="The number they want to be called on, E.164.")] | UnsetType = UNSET
    need: Annotated[str, Meta(description="What they want to solve, in their words.")] | UnsetType = UNSET
    team_size: Annotated[int, Meta(description="How many people would use it.", ge=0, le=10_000_000)] | UnsetType = (
        UNSET
    )
    budget: (
        Annotated[str, Meta(description="Their budget, such as '5,000 dollars a month' or 'none yet'.")] | UnsetType
    ) = UNSET
    authority: Annotated[Literal["self", "shared", "other"], Meta(description="Who decides.")] | UnsetType = UNSET
    timing: Annotated[str, Meta(description="By when, in their words.")] | UnsetType = UNSET
    referral: Annotated[str, Meta(description="Whom to talk to instead.")] | UnsetType = UNSET
    answers: (
        Annotated[
            dict[str, str],
            Meta(
                description="What they said to questions you were told to ask: by key, in their words.", max_length=20
            ),
        ]
        | UnsetType
    ) = UNSET
    outcome: (
        Annotated[
            Literal["meeting_booked", "information_requested", "call_back", "not_interested", "referred", "undecided"],
            Meta(description="How the conversation ended; call_back: they want to be called at another time."),
        ]
        | UnsetType
    ) = UNSET
    call_back_at: (
        Annotated[
            datetime,
            Meta(description="When they want to be called back, if they said, RFC 3339 with the zone.", tz=True),
        ]
        | UnsetType
    ) = UNSET


class SearchKnowledge(Arguments, frozen=True, kw_only=True):
    query: Annotated[str, Meta(description="The question.")]
    limit: Annotated[int, Meta(ge=1, le=10)] | UnsetType = UNSET


BOOK_MEETING: Final = ToolSpec(
    name="book_meeting",
    description="Book a meeting with a specialist at a time the caller has chosen."
    " Call it once the caller has agreed to the time and confirmed the e-mail address.",
    parameters=parameters_of(BookMeeting),
)

CANCEL_MEETING: Final = ToolSpec(
    name="cancel_meeting",
    description="Cancel the meeting the caller has and no longer wants, at the time that was told or booked."
    " To have another time instead, book_meeting moves it.",
    parameters=parameters_of(CancelMeeting),
)

OPT_OUT: Final = ToolSpec(
    name="opt_out",
    description="The caller does not want to be contacted again. Suppresses every further call and message to them.",
    parameters=parameters_of(OptOut),
)

REQUEST_ERASURE: Final = ToolSpec(
    name="request_erasure",
    description="The caller wants what is known of them to be deleted. Notes the request; a person makes sure that it is"
    " theirs and carries it out. Say so, and promise no more.",
    parameters=parameters_of(RequestErasure),
)

HANDOFF_TO_PERSON: Final = ToolSpec(
    name="handoff_to_person",
    description="The caller wants to talk to a person. Passes the conversation to a colleague.",
    parameters=parameters_of(HandoffToPerson),
)

UPDATE_LEAD: Final = ToolSpec(
    name="update_lead",
    description="Record what was learned about the caller and their company. Only the fields that are known.",
    parameters=parameters_of(UpdateLead),
)

SEARCH_KNOWLEDGE: Final = ToolSpec(
    name="search_knowledge",
    description="Look up a question about the product in the company's documents.",
    parameters=parameters_of(SearchKnowledge),
)

SERVER_TOOLS: Final = (
    BOOK_MEETING,
    CANCEL_MEETING,
    OPT_OUT,
    REQUEST_ERASURE,
    HANDOFF_TO_PERSON,
    UPDATE_LEAD,
    SEARCH_KNOWLEDGE,
)

SERVER_TOOL_NAMES: Final = frozenset(tool.name for tool in SERVER_TOOLS)

LOOKING_UP: Final = frozenset(
    {
        "search_crm",
        "enrich_with_apollo",
        "scrape_linkedin",
        "analyze_tech_stack",
        "search_web",
        "qualify_lead",
        "find_meeting_times",
    }
)
"""Tools of the server that rules have no use for: a likeness of words is no reason to call them."""

"""The tools of the server the playbook knows how to use. The server runs them; the playbook only calls those it is
offered."""

from typing import Any, Final

from pipelines.llm.port import ToolSpec


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


BOOK_MEETING: Final = ToolSpec(
    name="book_meeting",
    description="Book a meeting with a specialist at a time the caller has chosen."
    " Call it once the caller has agreed to the time and confirmed the e-mail address.",
    parameters=_object(
        {
            "start": {
                "type": "string",
                "format": "date-time",
                "description": "Start of the meeting, RFC 3339 with the time zone.",
            },
            "duration_minutes": {"type": "integer", "minimum": 5, "maximum": 240, "description": "Length in minutes."},
            "email": _text("The caller's e-mail address, for the invitation."),
            "name": _text("The caller's name."),
            "company": _text("The caller's company."),
            "notes": _text("What the meeting is about, for the specialist."),
        },
        ["start"],
    ),
)

OPT_OUT: Final = ToolSpec(
    name="opt_out",
    description="The caller does not want to be contacted again. Suppresses every further call and message to them.",
    parameters=_object({"reason": _text("The caller's own words.")}, []),
)

HANDOFF_TO_PERSON: Final = ToolSpec(
    name="handoff_to_person",
    description="The caller wants to talk to a person. Passes the conversation to a colleague.",
    parameters=_object(
        {"reason": _text("Why, in a few words."), "summary": _text("What the colleague should know before speaking.")},
        ["reason"],
    ),
)

UPDATE_LEAD: Final = ToolSpec(
    name="update_lead",
    description="Record what was learned about the caller and their company. Only the fields that are known.",
    parameters=_object(
        {
            "name": _text("The caller's name."),
            "company": _text("The caller's company."),
            "email": _text("The caller's e-mail address."),
            "need": _text("What they want to solve, in their words."),
            "team_size": {"type": "integer", "minimum": 0, "description": "How many people would use it."},
            "budget": _text("Their budget, such as '5,000 dollars a month' or 'none yet'."),
            "authority": {"type": "string", "enum": ["self", "shared", "other"], "description": "Who decides."},
            "timing": _text("By when, in their words."),
            "referral": _text("Whom to talk to instead."),
            "outcome": {
                "type": "string",
                "enum": ["meeting_booked", "information_requested", "not_interested", "referred", "undecided"],
                "description": "How the conversation ended.",
            },
        },
        [],
    ),
)

SEARCH_KNOWLEDGE: Final = ToolSpec(
    name="search_knowledge",
    description="Look up a question about the product in the company's documents.",
    parameters=_object(
        {"query": _text("The question."), "limit": {"type": "integer", "minimum": 1, "maximum": 10}}, ["query"]
    ),
)

SERVER_TOOLS: Final = (BOOK_MEETING, OPT_OUT, HANDOFF_TO_PERSON, UPDATE_LEAD, SEARCH_KNOWLEDGE)

SERVER_TOOL_NAMES: Final = frozenset(tool.name for tool in SERVER_TOOLS)

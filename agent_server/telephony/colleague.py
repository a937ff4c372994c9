"""A caller is put through to a colleague: what the colleague hears first, and what the agent is told when nobody came.
Pure."""

from collections.abc import Sequence
from typing import Final

from agent_server.hosting.opening import Opening
from agent_server.supervising.nobody_came import nobody_came
from pipelines.conversation.facts import Fact, ResponseCreate
from pipelines.intent.classifier import classify
from pipelines.language.words import said

MAX_TOLD_CHARS: Final = 240
"""Of why somebody calls: some fifteen seconds, which the caller waits."""

WHOEVER: Final = "A caller wants to talk to a person."

_BACK: Final = (
    "The colleague was called and did not take the call. The caller is with you again: say that nobody is free right"
    " now, and offer a time for a call back."
)


def announcement(
    *,
    name: str | None = None,
    company: str | None = None,
    reason: str = "",
    summary: str = "",
    language: str = "en",
) -> str:
    """Who calls and why. ``reason`` and ``summary``: as the agent wrote them; that they want a person is no news."""
    both = said("{name} of {company}", language).format(name=name, company=company)
    who = both if name and company else name or company
    is_news = reason and classify(reason).label != "wants_person"
    why = " ".join((summary or (reason if is_news else "")).split())
    if len(why) > MAX_TOLD_CHARS:
        why = said("{text} and so on.", language).format(text=why[:MAX_TOLD_CHARS].rpartition(" ")[0])
    call = said("A call from {who}.", language).format(who=who) if who else said(WHOEVER, language)
    return " ".join(filter(None, (call, why)))


def first_facts(opening: Opening) -> Sequence[Fact]:
    """With which the agent's side of a telephone call begins: it speaks first. When nobody came for the caller, that is
    how the wish for a person ended, as a tool tells it."""
    if not opening.unreached:
        return (ResponseCreate(),)
    return (nobody_came(_BACK), ResponseCreate())

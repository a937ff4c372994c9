"""What a lead's notes say, sentence by sentence: they speak of the lead in the third person or leave the subject out,
and the readers of callers' speech expect the first. Pure."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import structs

from pipelines.agents.lead import LeadFacts
from pipelines.agents.own_answers import with_answers
from pipelines.intent.classifier import plain_words
from pipelines.playbook import qualification as read
from pipelines.playbook.need import find_need

MAX_SENTENCES: Final = 60

_SENTENCE: Final = re.compile(r"[^.!?;\n]+[.!?]?")
_THIRD_PERSON: Final = re.compile(
    r"\b(?:they|he|she|the (?:company|customer|client|team|lead|prospect|contact))(?: (?:is|are|has|was))?\b"
    r"|^(?=(?:needs?|wants?|looking|struggl\w+|losing|missing|trying)\b)",
    re.IGNORECASE,
)
_WANTED: Final = re.compile(r"^we\s+(?:really )?(?:needs?|wants?|looking for|would like)\s+(.+)$", re.IGNORECASE)
_MAX_WANTED_CHARS: Final = 120


class Note(NamedTuple):
    """A sentence of the notes: as it was written, and as the readers of callers' speech expect it."""

    said: str
    first_person: str
    plain: str


def notes_of(lead: LeadFacts) -> list[Note]:
    notes: list[Note] = []
    for match in _SENTENCE.finditer(lead.notes or ""):
        said = match[0].strip()
        if said:
            first_person = _THIRD_PERSON.sub("we ", said)
            notes.append(Note(said, first_person, plain_words(first_person)))
        if len(notes) == MAX_SENTENCES:
            break
    return notes


def budget_in(notes: Sequence[Note]) -> str | None:
    """In words; ``NO_BUDGET`` of the playbook when there is said to be none."""
    amounts = (
        read.budget(note.first_person, note.plain, asked="budget" in note.plain, asks="?" in note.said)
        for note in notes
    )
    return next(filter(None, amounts), None)


def timing_in(notes: Sequence[Note]) -> str | None:
    return next(filter(None, (read.timing(note.plain, asked=False) for note in notes)), None)


def wanted_in(notes: Sequence[Note]) -> str | None:
    """What they want, without the words that say that they do ("fewer missed calls"); it stands within a sentence."""
    for note in notes:
        if not find_need(note.first_person, note.plain, asked=False):
            continue
        match = _WANTED.match(" ".join(note.first_person.split()))
        if match is not None and len(match[1]) <= _MAX_WANTED_CHARS:
            return match[1].rstrip(" .!?,;")
    return None


def with_notes(lead: LeadFacts) -> LeadFacts:
    """The lead with the facts that its answers and its notes tell, where it has none of its own: for agents whose rules
    go by facts."""
    answered, notes = with_answers(lead), notes_of(lead)
    budget = answered.budget or budget_in(notes)
    told = {
        "need": answered.need or wanted_in(notes),
        "team_size": answered.team_size,
        "budget": None if budget == read.NO_BUDGET else budget,
        "timing": answered.timing or timing_in(notes),
    }
    return structs.replace(lead, **{name: value for name, value in told.items() if value and not getattr(lead, name)})

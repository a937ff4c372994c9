"""What was said to the operator's own questions, as a lead keeps it. Pure: values in, values out.

Later words win, whoever they are from: a caller's are news when this conversation has not told the same before; what it
repeats (a tool call names all that is known so far) takes nothing back that a person has written meanwhile.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, structs

from storage.errors import StorageError
from storage.leads.records import AnswerNote, LeadRecord

MOST_ANSWER_CHARS: Final = 500
MOST_ANSWERS: Final = 100
_KEY: Final = re.compile(r"[a-z0-9_]{1,40}")


class WrittenAnswers(Struct, frozen=True, kw_only=True):
    """What a person makes of answers. ``words``: by key; None takes one away · ``seen``: those that were read before,
    as they were; None: there was none · ``questions``: in words, by key · ``key_id`` and ``key_name``: the API key it
    is written with."""

    words: Mapping[str, str | None]
    seen: Mapping[str, str | None] = {}
    questions: Mapping[str, str] = {}
    key_id: str | None = None
    key_name: str | None = None


def told_answers(data: Mapping[str, Any]) -> dict[str, str]:
    """Those that an ``update_lead`` tells, as they are kept; what has not the right form tells nothing."""
    given = data.get("answers")
    told = {key: _kept(words) for key, words in given.items() if _KEY.fullmatch(key)} if isinstance(given, dict) else {}
    return {key: words for key, words in told.items() if words}


def news_of(data: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Of what an ``update_lead`` tells, what the same conversation has not told so before. ``earlier``: what it told,
    in order."""
    before: dict[str, str] = {}
    for told in earlier:
        before |= told_answers(told)
    return {key: words for key, words in told_answers(data).items() if before.get(key) != words}


def with_news(lead: LeadRecord, news: Mapping[str, str], questions: Mapping[str, str], *, now: datetime) -> LeadRecord:
    """The lead with what a conversation told. Beyond as many answers as are kept, new ones are not."""
    answers, notes = dict(lead.answers), dict(lead.answer_notes)
    for key, words in news.items():
        if answers.get(key) != words and (key in answers or len(answers) < MOST_ANSWERS):
            answers[key] = words
            notes[key] = AnswerNote(at=now, question=questions.get(key) or _question(lead, key))
    if answers == lead.answers:
        return lead
    return structs.replace(lead, answers=answers, answer_notes=notes, updated_at=now)


def with_written(lead: LeadRecord, written: WrittenAnswers, *, now: datetime) -> LeadRecord:
    """The lead with what a person wrote; who took an answer away is noted. Raises ``answer_changed`` where one of those
    seen is not as it was, ``answers_full``."""
    if any(lead.answers.get(key) != words for key, words in written.seen.items()):
        raise StorageError("answer_changed", "An answer is not as it was read; read the lead again.")
    answers, notes = dict(lead.answers), dict(lead.answer_notes)
    for key, given in written.words.items():
        words = _kept(given)
        if answers.get(key, "") == words:
            continue
        question = _question(lead, key) or written.questions.get(key)
        notes[key] = AnswerNote(at=now, question=question, key_id=written.key_id, key_name=written.key_name)
        if words:
            answers[key] = words
        else:
            del answers[key]
    if len(notes) > 2 * MOST_ANSWERS:
        notes = {key: note for key, note in notes.items() if key in answers}
    if len(answers) > max(MOST_ANSWERS, len(lead.answers)):
        raise StorageError("answers_full", f"A lead has at most {MOST_ANSWERS} answers.")
    if answers == lead.answers:
        return lead
    return structs.replace(lead, answers=answers, answer_notes=notes, updated_at=now)


def of_both(kept: LeadRecord, gone: LeadRecord) -> dict[str, Any]:
    """The answers of two leads that are one person: of one key the later."""
    sides = {
        key: gone if _is_later(gone.answer_notes.get(key), kept.answer_notes.get(key)) else kept
        for key in (*kept.answers, *kept.answer_notes)
    }
    sides = dict.fromkeys((*gone.answers, *gone.answer_notes), gone) | sides
    return {
        "answers": {key: side.answers[key] for key, side in sides.items() if key in side.answers},
        "answer_notes": {key: side.answer_notes[key] for key, side in sides.items() if key in side.answer_notes},
    }


def _is_later(one: AnswerNote | None, other: AnswerNote | None) -> bool:
    return one is not None and (other is None or one.at > other.at)


def _question(lead: LeadRecord, key: str) -> str | None:
    note = lead.answer_notes.get(key)
    return note.question if note is not None else None


def _kept(words: Any) -> str:
    return " ".join(words.split())[:MOST_ANSWER_CHARS].rstrip() if isinstance(words, str) else ""

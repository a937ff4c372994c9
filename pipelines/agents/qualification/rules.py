"""Scoring a lead by rules: each criterion from its own field, else from what the notes say. Pure."""

import re
from typing import Final

from pipelines.agents.lead import LeadFacts
from pipelines.agents.notes import Note, budget_in, notes_of, timing_in
from pipelines.agents.own_answers import with_answers
from pipelines.agents.qualification.result import CRITERIA, Criterion, Finding, Qualification, summed, tier_of
from pipelines.intent.classifier import plain_words
from pipelines.playbook import qualification as read
from pipelines.playbook.need import find_need

UNKNOWN: Final = 5
"""Points of a criterion nothing is known of: neither for the lead nor against it."""

MAX_EVIDENCE_CHARS: Final = 160

_INTEREST: Final = re.compile(
    r"\b(?:demo|trial|pricing|price list|quote|proposal|interested|inbound|requested|asked (?:for|about)|signed up"
    r"|downloaded|webinar)\b",
    re.IGNORECASE,
)
_REFUSES: Final = re.compile(
    r"\b(?:no|not|isnt|arent|wasnt|dont|doesnt|didnt|never|no longer|nor)(?: \w+){0,2}?"
    r" (?:needs?|interest|interested|want)\b(?! to\b)"
)
_NOTHING: Final = frozenset({"no", "none", "nothing", "zero", "0", "nil"})
_SENIOR: Final = re.compile(
    r"\b(?:c[efmrtio]o|chief|founder|co-?founder|(?<!product )owner|president|partner(?! manager)|managing director"
    r"|vp|vice president|svp|evp|head of|director|inhaber(?:in)?|geschäftsführer(?:in)?|vorstand|gérante?"
    r"|propriétaire|direct(?:eur|rice|ora?)|dueñ[oa]|propietari[oa]|titolare|eigenaar)\b",
    re.IGNORECASE,
)
_MIDDLE: Final = re.compile(
    r"\b(?:manager|lead|principal|senior|supervisor|team leader|buyer|procurement|product owner|\w*leiter(?:in)?)\b",
    re.IGNORECASE,
)
_JUNIOR: Final = re.compile(
    r"\b(?:assistant|assistent(?:in)?|intern|trainee|student|junior|working student|temp)\b", re.IGNORECASE
)
_SOON: Final = re.compile(
    r"\b(?:as soon as|asap|right away|straight away|immediately|now|today|tomorrow|soon|urgent|days?|weeks?"
    r"|this (?:week|month|quarter)|next (?:week|month|quarter)|(?:a|one|two|three|1|2|3) months?)\b",
    re.IGNORECASE,
)
_DECIDES: Final = re.compile(
    r"\b(?:he|she|they|contact) (?:\w+ )?(?:decides?|signs? off|approves?|makes? (?:the|all) \w*\s?decisions?"
    r"|(?:has|have) the final say|is the (?:owner|founder|ceo|boss))\b|\b(?:the|is a|sole) decision[- ]maker\b",
    re.IGNORECASE,
)
"""Of the lead, in the words of somebody who notes it down: "she signs off"."""

_DOES_NOT_DECIDE: Final = re.compile(r"\b(?:not|isn'?t|never|doesn'?t|can'?t)\b.{0,20}\bdeci(?:de|sion)", re.IGNORECASE)

_NEVER: Final = re.compile(
    r"\b(?:no (?:rush|hurry|deadline|timeline|plans?)|not urgent"
    r"|just (?:looking|exploring|browsing|researching|curious)|whenever|some ?day)\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d[\d.,]*")
_FREE_MAIL: Final = re.compile(
    r"@(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|gmx|web|aol|proton)\.", re.IGNORECASE
)


def by_rules(lead: LeadFacts) -> Qualification:
    lead, notes = with_answers(lead), notes_of(lead)
    criteria: dict[Criterion, Finding] = {
        "need": _need(lead, notes),
        "budget": _budget(lead, notes),
        "authority": _authority(lead, notes),
        "timing": _timing(lead, notes),
        "fit": _fit(lead, notes),
    }
    return summed(criteria, reasoning_of(criteria))


def reasoning_of(criteria: dict[Criterion, Finding]) -> str:
    """In a few sentences: what speaks for the lead, what against it, what is not known."""
    strong = [f"{name} ({criteria[name].evidence})" for name in CRITERIA if criteria[name].points >= 14]
    weak = [name for name in CRITERIA if criteria[name].evidence is not None and criteria[name].points < 9]
    unknown = [name for name in CRITERIA if criteria[name].evidence is None]
    score = sum(finding.points for finding in criteria.values())
    parts = [f"A {tier_of(score)} lead with {score} of 100 points."]
    if strong:
        parts.append(f"For it: {'; '.join(strong)}.")
    if weak:
        parts.append(f"Weak: {', '.join(weak)}.")
    if unknown:
        parts.append(f"Not known: {', '.join(unknown)}.")
    return " ".join(parts)


def _need(lead: LeadFacts, notes: list[Note]) -> Finding:
    if lead.need:
        return _found(18, lead.need)
    for note in notes:
        if find_need(note.first_person, note.plain, asked=False):
            return _found(18, note.said)
    refusing = [note for note in notes if _REFUSES.search(note.plain)]
    for note in notes:
        if note not in refusing and _INTEREST.search(note.said):
            return _found(11, note.said)
    return _found(3, refusing[0].said) if refusing else Finding(UNKNOWN)


def _budget(lead: LeadFacts, notes: list[Note]) -> Finding:
    told = lead.budget or budget_in(notes)
    if not told:
        return Finding(UNKNOWN)
    plain = plain_words(told)
    has_none = told == read.NO_BUDGET or plain in _NOTHING
    has_none = has_none or read.budget(told, plain, asked=True, asks=False) == read.NO_BUDGET
    return _found(3 if has_none else 18, told)


def _authority(lead: LeadFacts, notes: list[Note]) -> Finding:
    told = lead.authority
    if told not in ("self", "shared", "other"):
        texts = [plain_words(told)] if told else []
        texts += [note.plain for note in notes]
        told = next(filter(None, (read.authority(text, asked=False) for text in texts)), None)
        told = told or next(filter(None, (_noted_authority(note.said) for note in notes)), None)
    if told is not None:
        return _found({"self": 20, "shared": 14, "other": 6}[told], f"decision: {told}")
    title = lead.contact_title
    if not title:
        return Finding(UNKNOWN)
    for pattern, points in ((_JUNIOR, 4), (_SENIOR, 18), (_MIDDLE, 12)):
        if pattern.search(title):
            return _found(points, title)
    return _found(8, title)


def _noted_authority(said: str) -> read.Authority | None:
    if _DOES_NOT_DECIDE.search(said):
        return "other"
    return "self" if _DECIDES.search(said) else None


def _timing(lead: LeadFacts, notes: list[Note]) -> Finding:
    told = lead.timing or timing_in(notes)
    if not told:
        return Finding(UNKNOWN)
    return _found(3 if _NEVER.search(told) else 18 if _SOON.search(told) else 11, told)


def _fit(lead: LeadFacts, notes: list[Note]) -> Finding:
    """Company size first; the rest rounds it off."""
    size = people_of(lead.company_size)
    if size is None:
        size = lead.team_size
    if size is None:
        sizes = (read.team_size(note.first_person, note.plain, asked=False) for note in notes)
        size = next((found for found in sizes if found is not None), None)
    evidence, points = [], UNKNOWN
    if size is not None:
        points = 8 if size < 5 else 14 if size < 20 else 17
        evidence.append(f"{size} people")
    if lead.industry:
        points += 1
        evidence.append(lead.industry)
    if lead.company_website:
        points += 2
        evidence.append(lead.company_website)
    if lead.contact_email and _FREE_MAIL.search(lead.contact_email):
        points -= 2
        evidence.append("a private e-mail address")
    return _found(max(0, min(20, points)), ", ".join(evidence)) if evidence else Finding(UNKNOWN)


def people_of(size: str | int | None) -> int | None:
    """The least number of people that "11-50", "200+" or 35 means."""
    if isinstance(size, int) or size is None:
        return size
    match = _NUMBER.search(size)
    digits = re.sub(r"[.,]", "", match[0]) if match else ""
    return int(digits[:9]) if digits else None


def _found(points: int, evidence: str) -> Finding:
    text = " ".join(evidence.split())
    return Finding(points, text if len(text) <= MAX_EVIDENCE_CHARS else f"{text[:MAX_EVIDENCE_CHARS].rstrip()}…")

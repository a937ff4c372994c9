"""The texts by rules: plain, true, and short; English, and by ``letters`` in the languages that have words for them.
Pure."""

from typing import Any, Final

from pipelines.agents.marketing import letters
from pipelines.agents.marketing.aims import aim_of, need_of
from pipelines.agents.marketing.brief import NO_BRIEF, Brief, Sender, in_line
from pipelines.language.tags import is_english
from pipelines.language.words import has_words
from pipelines.person_name import addressed

SUBJECT_CHARS: Final = 60
LINKEDIN_CHARS: Final = 300
"""What LinkedIn takes with an invitation."""

FORMS: Final[dict[str, dict[str, int]]] = {
    "email": {"words": 150},
    "linkedin": {"chars": LINKEDIN_CHARS},
    "call_script": {"words": 220},
}
"""How long each text may be."""


def angles(lead: dict[str, Any]) -> list[dict[str, str]]:
    """From the most telling fact to the least."""
    company = lead.get("company_name") or "your team"
    found = []
    if need := lead.get("need"):
        found.append({"angle": f"{company} wants this solved: {in_line(need)}.", "fact": in_line(need)})
    if timing := lead.get("timing"):
        found.append({"angle": f"The date is set: {in_line(timing)}.", "fact": in_line(timing)})
    if industry := lead.get("industry"):
        found.append({"angle": f"What works for others in {in_line(industry)}.", "fact": in_line(industry)})
    if not found:
        found.append({"angle": f"How {company} handles enquiries today.", "fact": str(company)})
    return found[:3]


def subjects(lead: dict[str, Any], sender: Sender, goal: str = "") -> list[str]:
    """The best first; the goal's own, where it has a name, before those that could be anybody's."""
    if _elsewhere(sender):
        return letters.subjects(lead, sender.language)
    company = in_line(lead.get("company_name") or "your team", 40)
    found = [f"A question about {company}", f"An idea for {company}", "Worth a short talk?"]
    if need := _need(lead, 50):
        found.insert(0, _capital(need))
    if (aim := aim_of(goal)) is not None and aim.subject is not None:
        found.insert(1 if need else 0, in_line(aim.subject, SUBJECT_CHARS))
    return found


def email(lead: dict[str, Any], sender: Sender, brief: Brief = NO_BRIEF) -> str:
    if _elsewhere(sender):
        return letters.email(lead, sender, brief)
    if brief.follow_up:
        return _follow_up(lead, brief)
    need = _need(lead)
    about = f"I understand that you are looking into this: {need}." if need else ""
    where = f" at {lead['company_name']}" if lead.get("company_name") else ""
    aim = aim_of(brief.goal)
    opening = about or ("" if aim is not None else f"I would like to learn how you handle enquiries{where} today.")
    who = f"I am {sender.name} from {sender.company}." if sender.name and sender.company else ""
    middle = (
        "I would gladly show you how others go about it, and find out whether it suits you. "
        "It takes a quarter of an hour."
    )
    question = "Would a short call next week be of use?"
    if aim is not None:
        middle = "" if aim.asks else aim.sentence
        question = aim.sentence if aim.asks else "Is that of interest to you?"
    parts = (_joined(brief.posted, opening, who), _joined(middle, brief.line), question)
    return "\n\n".join([f"Hi{_name(lead)},", *filter(None, parts)])


def _follow_up(lead: dict[str, Any], brief: Brief) -> str:
    aim = aim_of(brief.goal)
    need = _need(lead)
    about = f"It was about this: {need}." if need and aim is None else ""
    if brief.follow_up == 1:
        opening = "I wrote to you some days ago, perhaps at a bad moment."
        question = aim.sentence if aim is not None and aim.asks else "Is that of interest to you?"
    else:
        opening = "I do not want to fill your inbox, so this is short."
        question = "If it is not for now, that is fine: one word is enough, and I leave it."
    said = aim.sentence if aim is not None and aim.sentence != question else ""
    line = brief.line if brief.follow_up == 1 else ""
    parts = (_joined(opening, about, said), line, question)
    return "\n\n".join([f"Hi{_name(lead)},", *filter(None, parts)])


def _elsewhere(sender: Sender) -> bool:
    return not is_english(sender.language) and has_words(sender.language)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def linkedin(lead: dict[str, Any], sender: Sender, _given: Brief = NO_BRIEF) -> str:
    if _elsewhere(sender):
        return letters.linkedin(lead, sender)
    about = _need(lead, 90) or "how your team handles enquiries"
    opening = f"Hi{_name(lead)}, I came across your work and wondered about this"
    return f"{opening}: {about}. Is that on your mind right now?"


def call(lead: dict[str, Any], sender: Sender, brief: Brief = NO_BRIEF) -> str:
    if _elsewhere(sender):
        return letters.call(lead, sender)
    firm = f" from {sender.company}" if sender.company else ""
    opening = f"Hello{_name(lead)}, this is {sender.name}{firm}." if sender.name else f"Hello{_name(lead)}."
    aim = aim_of(brief.goal)
    about = aim.sentence if aim is not None else "I have one question for you."
    if need := _need(lead):
        about = f"I am calling about this: {need}." + (f" {aim.sentence}" if aim is not None else "")
    return (
        f"{opening} Is this a good moment?\n{about}\nHow do you handle it today?\n"
        "What would have to change for it to be worth your time?\n"
        "If not interested: That is fine. May I ask what you use instead?\n"
        "In the end: Shall we find a quarter of an hour next week?"
    )


def within(text: str, *, words: int | None = None, chars: int | None = None) -> str:
    """Cut after a whole sentence where there is one, else after a whole word."""
    text = text.strip()
    if words is not None and len(text.split()) > words:
        kept = text
        while len(kept.split()) > words:
            kept = kept.rsplit(None, 1)[0]
        text = _whole(kept)
    if chars is not None and len(text) > chars:
        text = _whole(text[: chars + 1].rsplit(None, 1)[0][:chars])
    return text


def _whole(text: str) -> str:
    end = max(text.rfind(mark) for mark in ".!?")
    return text[: end + 1] if end > len(text) // 2 else text


def _name(lead: dict[str, Any]) -> str:
    name = addressed(str(lead.get("contact_name") or ""))
    return f" {name}" if name else ""


def _need(lead: dict[str, Any], chars: int = 120) -> str:
    return in_line(need_of(str(lead.get("need") or "")), chars)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

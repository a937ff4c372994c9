"""The texts by rules: plain, true, and short. Pure."""

from typing import Any, Final

from msgspec import Struct

SUBJECT_CHARS: Final = 60
LINKEDIN_CHARS: Final = 300
"""What LinkedIn takes with an invitation."""

EMAIL_WORDS: Final = 150
CALL_WORDS: Final = 220


class Sender(Struct, frozen=True):
    """Who writes; empty: not named."""

    name: str = ""
    company: str = ""


def angles(lead: dict[str, Any]) -> list[dict[str, str]]:
    """From the most telling fact to the least."""
    company = lead.get("company_name") or "your team"
    found = []
    if need := lead.get("need"):
        found.append({"angle": f"{company} wants this solved: {_brief(need)}.", "fact": _brief(need)})
    if timing := lead.get("timing"):
        found.append({"angle": f"The date is set: {_brief(timing)}.", "fact": _brief(timing)})
    if industry := lead.get("industry"):
        found.append({"angle": f"What works for others in {_brief(industry)}.", "fact": _brief(industry)})
    if not found:
        found.append({"angle": f"How {company} handles enquiries today.", "fact": str(company)})
    return found[:3]


def subjects(lead: dict[str, Any]) -> list[str]:
    company = _brief(lead.get("company_name") or "your team", 40)
    found = [f"A question about {company}", f"An idea for {company}", "Worth a short talk?"]
    if need := lead.get("need"):
        found.insert(0, _capital(_brief(need, 50)))
    return found


def email(lead: dict[str, Any], sender: Sender) -> str:
    about = f"I understand that you are looking into this: {_brief(lead['need'])}." if lead.get("need") else ""
    where = f" at {lead['company_name']}" if lead.get("company_name") else ""
    opening = about or f"I would like to learn how you handle enquiries{where} today."
    who = f" I am {sender.name} from {sender.company}." if sender.name and sender.company else ""
    return (
        f"Hi{_first_name(lead)},\n\n{opening}{who}\n\n"
        "I would gladly show you how others go about it, and find out whether it suits you. "
        "It takes a quarter of an hour.\n\nWould a short call next week be of use?"
    )


def linkedin(lead: dict[str, Any], _sender: Sender) -> str:
    about = _brief(lead["need"], 90) if lead.get("need") else "how your team handles enquiries"
    opening = f"Hi{_first_name(lead)}, I came across your work and wondered about this"
    return f"{opening}: {about}. Is that on your mind right now?"


def call(lead: dict[str, Any], sender: Sender) -> str:
    firm = f" from {sender.company}" if sender.company else ""
    opening = f"Hello{_first_name(lead)}, this is {sender.name}{firm}." if sender.name else f"Hello{_first_name(lead)}."
    about = f"I am calling about this: {_brief(lead['need'])}." if lead.get("need") else "I have one question for you."
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


def _first_name(lead: dict[str, Any]) -> str:
    name = str(lead.get("contact_name") or "").split()
    return f" {name[0]}" if name else ""


def _brief(value: Any, chars: int = 120) -> str:
    text = " ".join(str(value).split()).rstrip(".!")
    return text if len(text) <= chars else text[:chars].rsplit(" ", 1)[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

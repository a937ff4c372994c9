"""The texts by rules in a language other than English. Pure.

Shorter than the English ones: what is read out of a goal and turned round in a need is English, so the goal is left to
models here, and a need stands in the words it was told in.
"""

from typing import Any, Final

from pipelines.agents.marketing.brief import Brief, Sender, in_line
from pipelines.knowledge.analysis.languages import language_of
from pipelines.language.tags import ENGLISH, primary
from pipelines.language.words import said
from pipelines.person_name import addressed

_NEED_CHARS: Final = 120
_LINKEDIN_NEED_CHARS: Final = 90
_COMPANY_CHARS: Final = 40


def subjects(lead: dict[str, Any], language: str) -> list[str]:
    """The best first."""
    company = in_line(lead.get("company_name"), _COMPANY_CHARS)
    of_company = ("A question about {company}", "An idea for {company}") if company else ()
    found = [said(phrase, language).format(company=company) for phrase in of_company]
    found.append(said("Worth a short talk?", language))
    need = in_line(lead.get("need"), 50)
    return [need[:1].upper() + need[1:], *found] if need else found


def email(lead: dict[str, Any], sender: Sender, brief: Brief) -> str:
    language = sender.language

    def say(phrase: str, **names: str) -> str:
        return said(phrase, language).format(**names)

    need = in_line(lead.get("need"), _NEED_CHARS)
    line = _ours(brief.line, language)
    if brief.follow_up == 1:
        about = say("It was about this: {need}.", need=need) if need else ""
        opening = say("I wrote to you some days ago, perhaps at a bad moment.")
        return _letter(_greeting(lead, language), _joined(opening, about), line, say("Is that of interest to you?"))
    if brief.follow_up:
        opening = say("I do not want to fill your inbox, so this is short.")
        end = say("If it is not for now, that is fine: one word is enough, and I leave it.")
        return _letter(_greeting(lead, language), opening, end)
    if need:
        opening = say("I understand that you are looking into this: {need}.", need=need)
    elif company := in_line(lead.get("company_name"), _COMPANY_CHARS):
        opening = say("I would like to learn how you handle enquiries at {company} today.", company=company)
    else:
        opening = say("I would like to learn how you handle enquiries today.")
    named = sender.name and sender.company
    who = say("I am {name} from {company}.", name=sender.name, company=sender.company) if named else ""
    offer = say("I would gladly show you how others go about it, and find out whether it suits you.")
    takes = say("It takes a quarter of an hour.")
    question = say("Would a short call next week be of use?")
    return _letter(_greeting(lead, language), _joined(opening, who), _joined(offer, takes, line), question)


def linkedin(lead: dict[str, Any], sender: Sender) -> str:
    need = in_line(lead.get("need"), _LINKEDIN_NEED_CHARS)
    phrase = (
        "I came across your work and wondered whether this is on your mind: {need}."
        if need
        else "I came across your work and would like to know how your team handles enquiries."
    )
    return _letter(_greeting(lead, sender.language), said(phrase, sender.language).format(need=need))


def call(lead: dict[str, Any], sender: Sender) -> str:
    language = sender.language

    def say(phrase: str, **names: str) -> str:
        return said(phrase, language).format(**names)

    first = addressed(str(lead.get("contact_name") or ""))
    named = sender.name and sender.company
    who = say("{name} of {company}", name=sender.name, company=sender.company) if named else sender.name
    if not who:
        opening = _greeting(lead, language)
    elif first:
        opening = say("Hello {first}, this is {who}.", first=first, who=who)
    else:
        opening = say("Hello, this is {who}.", who=who)
    need = in_line(lead.get("need"), _NEED_CHARS)
    lines = (
        f"{opening} {say('Is this a good moment?')}",
        say("I am calling about this: {need}.", need=need) if need else say("I have one question for you."),
        say("How do you handle it today?"),
        say("What would have to change for it to be worth your time?"),
        say("If not interested: That is fine. May I ask what you use instead?"),
        say("In the end: Shall we find a quarter of an hour next week?"),
    )
    return "\n".join(lines)


def _greeting(lead: dict[str, Any], language: str) -> str:
    name = addressed(str(lead.get("contact_name") or ""))
    return said("Hi {name},", language).format(name=name) if name else said("Hi,", language)


def _ours(line: str, language: str) -> str:
    """A sentence of our knowledge where it is in this language."""
    return line if line and language_of(line, ENGLISH) == primary(language) else ""


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _letter(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))

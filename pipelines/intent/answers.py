"""Whether a text has the form of an answer to what the agent last asked."""

import re
from typing import Final

from pipelines.intent.labels import Expected

QUALIFYING: Final[frozenset[Expected]] = frozenset(
    {"need", "team_size", "budget", "authority", "timing", "name", "company", "referral", "email", "phone"}
)
"""Questions whose answers are facts about the caller."""

YES_NO_IS_AN_ANSWER: Final[frozenset[Expected]] = frozenset({"budget", "authority", "timing", "team_size", "need"})
"""Of these, the ones a bare yes or no tells something about: "do you have a budget?", "is it your decision?"."""

_QUESTION: Final = re.compile(
    r"(?:(?:and|but|so|well|um|uh|ok|okay|yeah|no|yes|sorry|wait|maybe|hmm|great|alright|thanks) )*"
    r"(?:what|whats|when|where|who|whos|why(?! not$)|how|hows|which|can|could|do|does|did|is|are|will|would|should"
    r"|have you|has) |(?:and|but|so) (?:what )?if (?:i|we|you|they|he|she|it|someone|somebody|people|a) ",
    re.ASCII,
)

_NUMBER: Final = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundreds?|thousands?|dozens?|couple|handful|few|grand|k)\b"
)
_MONTH: Final = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|fall"
    r"|autumn|winter|christmas|holidays|q[1-4])\b"
)
_DAY: Final = (
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|tonight|week|weekend|day|noon|midday"
    r"|morning|afternoon|evening|oclock|am|pm|half past|quarter (?:to|past)|(?:first|second|third|last|earlier"
    r"|later|other) (?:one|slot|time|option)|any ?time|either|whenever|sooner|earliest)\b"
)
_NOT_KNOWN: Final = (
    r"\b(?:dont know|do not know|not sure|no idea|dunno|couldnt (?:say|tell)|cant (?:say|tell)|hard to say"
    r"|havent (?:decided|really|thought)|not decided|rather not|prefer not|depends|varies|have to check|not yet"
    r"|no clue|nothing set|up in the air)\b"
)

_FORMS: Final[dict[Expected, re.Pattern[str]]] = {
    "team_size": re.compile(
        rf"{_NUMBER}|\b(?:just|only) (?:me|us|myself)\b|\b(?:alone|myself|small|large|big)\b|{_NOT_KNOWN}"
    ),
    "budget": re.compile(
        rf"{_NUMBER}|\b(?:dollars|bucks|euros|pounds|budget|nothing|money|tight|limited|flexible|as little)\b"
        rf"|{_NOT_KNOWN}"
    ),
    "authority": re.compile(
        r"\b(?:me|my|mine|myself|i do|i am|im|we|us|boss|owner|partner|ceo|cfo|cto|coo|director|board|manager|team"
        r"|committee|wife"
        rf"|husband|head|vp|president|together|legal|procurement|founder|co ?founder)\b|{_NOT_KNOWN}"
    ),
    "timing": re.compile(
        rf"{_MONTH}|{_DAY}|\b(?:soon|asap|now|immediately|right away|later|month|months|quarter|year|years|weeks"
        rf"|yet|rush|hurry|urgent|looking|exploring|possible|ready|next|straight away|end of)\b|{_NOT_KNOWN}"
    ),
    "email": re.compile(
        r"@|\bat\b.*\bdot\b|\bdot (?:com|net|org|io|co|ai|edu)\b|\b(?:gmail|hotmail|yahoo|outlook|icloud)\b"
    ),
    "phone": re.compile(_NUMBER),
    "referral": re.compile(
        r"\b(?:is|would be|thats|ask|talk to|speak to|try|name|her|his|our|my|mr|mrs|ms)\b|@|\bdot com\b"
    ),
    "time_slot": re.compile(rf"{_MONTH}|{_DAY}|{_NUMBER}"),
}


def is_question(plain: str) -> bool:
    """Whether the text begins as a question does."""
    return _QUESTION.match(plain) is not None


def fits(plain: str, expecting: Expected) -> bool:
    """Whether the text could answer the question. ``plain``: lower case, no punctuation or apostrophes."""
    if is_question(plain):
        return False
    form = _FORMS.get(expecting)
    if form is not None:
        return form.search(plain) is not None
    count = plain.count(" ") + 1
    if expecting == "need":
        return count >= 2
    return expecting in ("name", "company") and count <= 6


def has_form(expecting: Expected) -> bool:
    """Whether answers to the question can be told by their words; those to "your name?" can be anything."""
    return expecting in _FORMS

"""Names of people and companies: "this is Dave from Initech", "we're 25 people at initech and have about 5k"."""

import re
from typing import Final

from pipelines.person_name import parted
from pipelines.playbook.extract.numbers import find_numbers
from pipelines.playbook.extract.spelling import written

_NOT_NAMES: Final = frozenset(
    """
    whichever whatever whenever either earliest soonest sounds
    a about above after afraid again ahead all already also alright always am an and another any anyone anything are
    around as asking at available away back bad based be because been before being best better between both busy but by
    bye call called calling can cant check come company correct could curious currently day days did do does doing done
    dont down driving each either else email even evening ever every everyone everything exactly fine first for free
    friday from full fully general get getting glad go going gone gonna good got great guess had half handling happy
    has have having he hello help her here hey hi him his hold home hoping how however i if in interested into is it
    its just keep kind know last late later least leave less let like listening little long looking lot lunch made make
    many maybe me mean meeting mhm mine minute nah moment monday month more morning most mostly much my name need never new
    next night no nobody none noon nope not nothing now of off office ok okay old on once one only open or other our
    out over own part people perfect person please point pretty probably put question quick quite rather ready real
    really right running sale sales same saturday say school see she should sick sir size small so some somebody
    someone something somewhere soon sorry sort speaking stay still stop stuck such sunday sure surprised take taking
    talk talking team tell ten than thank thanks that thats the their them then there these they thing things think
    thinking this those though three through thursday time times tired to today together tomorrow tonight too trying
    tuesday two um under until up us use using very wait waiting want wanted was way we wednesday week weeks well went
    were what whatever when where which while who why will wish with wondering wont work working works would wrong year
    years yeah yep yes yet you your youre im ive ill id weve were dot com answer agent human robot bot ai interested
    cancel cancelled forget scratch drop skip pass nevermind pleased excited worried confused correct wrong certain willing able unable allowed supposed only owner manager
    director ceo founder head boss eastern pacific est cst pst mst edt cdt pdt gmt utc done here outside inside online offline driving walking eating busy
    """.split()
)
_NOT_COMPANIES: Final = frozenset(
    """
    a an the home work least all once first last this that night noon most any some my our your his her it me you us
    them him moment time times ten two three four five six seven eight nine one half least best lunch school hand sales
    marketing other others another patients patient customers clients guests people someone somebody everyone each
    every family kids friends here there now today tomorrow monday tuesday wednesday thursday friday where what who how scratch start based
    """.split()
)
_DEPARTMENTS: Final = (
    "procurement purchasing accounting accounts finance hr operations engineering legal support reception logistics"
    " facilities marketing management".split()
)
_STOPS: Final = frozenset(
    """
    and but or so because who which that with we have has had in on at for from is are was im i by about around right
    now currently actually looking need want calling here where while when if to as thanks please yeah yes um uh our my
    they you it just also speaking hi hello good morning dot
    """.split()
)

_WORD: Final = r"[A-Za-z\u00c0-\u024f][\w'\u2019\u00c0-\u024f-]*"
_TITLE: Final = r"(?:(?:[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof)\.?\s+)?"
_NAME_WORDS: Final = rf"({_TITLE}{_WORD}(?:\s+{_WORD}){{0,3}})"
_INTRODUCED: Final = re.compile(
    rf"\b(?:my name(?:'s| is|s)|(?<!her )(?<!his )(?<!their )(?:the )?name(?:'s| is)|call me|i am called|i go by|put (?:it|me) (?:under|down as)"
    rf"|^under|(?:it'?s|it is|booked?|book it) under)\s+{_NAME_WORDS}",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    rf"\b(?:this is|i'?m|i am|it'?s|it is|here is)\s+({_TITLE}{_WORD}(?:\s+{_WORD})?)\s*,?\s+(?:from|at|with|over at|of"
    rf"|calling from)\s",
    re.IGNORECASE,
)
_SPEAKING: Final = re.compile(
    rf"^\W*(?:(?:hello|hi|yes|good (?:morning|afternoon)),?\s+)?({_TITLE}{_WORD}(?:\s+{_WORD})?)\s+(?:speaking|here)\W*$",
    re.IGNORECASE,
)
_NAME_FROM: Final = re.compile(
    r"^\W*(?:[Hh]i|[Hh]ello|[Hh]ey)?\W*([A-Z][\w'\u2019-]+(?:\s+[A-Z][\w'\u2019-]+)?),?\s+(?:from|with|at|of)\s+[A-Z]"
)
_CAPITALISED: Final = re.compile(
    rf"\b(?:[Tt]his is|[Ii]['\u2019]?m|[Ii] am)\s+({_TITLE}[A-Z][\w'\u2019-]+(?:\s+[A-Z][\w'\u2019-]+)?)"
)
_ALONE: Final = re.compile(r"([A-Z][a-z\u00df-\u024f'\u2019-]+ [A-Z][a-z\u00df-\u024f'\u2019-]+)\.?")
_ANSWER_LEAD: Final = re.compile(
    r"^\W*(?:(?:sure|yes|yeah|yep|okay|ok|oh|um|uh|well|it'?s|it is|that'?s|that would be|this is|i'?m|i am|just"
    r"|put|the name is|of course|hi|hello|no problem)\W+)*",
    re.IGNORECASE,
)

_COMPANY: Final = re.compile(
    rf"\b(?:(?:my |our |the )?company(?:'s)?(?: name)?(?: is|'s)?(?: called)?|(?:we'?re|we are|it'?s"
    rf"|business is) called|i work (?:for|at)|calling from"
    rf"|(?:we'?re|we are|i'?m|i am) (?:from|with|at))\s+({_WORD}(?:\s+(?:{_WORD}|&)){{0,4}})",
    re.IGNORECASE,
)
_AT: Final = re.compile(
    rf"\b(?:(?:people|reps?|us|team|name is \w+|this is \w+(?: \w+)?|i'?m \w+(?: \w+)?|ceo|owner|manager|head|director"
    rf"|founder|agents|employees|sales|staff|{'|'.join(_DEPARTMENTS)})\s*,?\s+(?:over |here )?(?:at|from|with)"
    rf"|(?:owner|ceo|founder|president|partner) (?:of|for))\s+({_WORD}(?:\s+(?:{_WORD}|&)){{0,4}})",
    re.IGNORECASE,
)
"""Only who owns or leads a company is "of" it: a team is of twelve, and a director of operations."""


_COMPANY_OF_NAME: Final = re.compile(
    rf"^\W*(?:[Hh]i|[Hh]ello|[Hh]ey)?\W*[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+)?,? (?:from|with"
    rf"|at) ((?=[A-Z]){_WORD}(?:\s+(?:{_WORD}|&)){{0,4}})"
)


def find_name(text: str, *, asked: bool = False, wanted: bool = False) -> str | None:
    """A person's name the speaker gives as their own. ``asked``: the name was asked for, so that it may stand alone;
    ``wanted``: something else of theirs was, and two words with capitals alone are one."""
    text = written(text)
    for pattern in (_INTRODUCED, _FROM, _SPEAKING, _CAPITALISED, _NAME_FROM):
        match = pattern.search(text)
        if match is not None and (name := _name(match[1])):
            return name
    if wanted and (match := _ALONE.fullmatch(text.strip(" ,;"))) is not None:
        return _name(match[1])
    if asked and "?" not in text:
        rest = _ANSWER_LEAD.sub("", text, count=1)
        words = re.findall(_WORD, rest)
        if 1 <= len(words) <= 3 and not any(character.isdigit() for character in rest):
            return _name(" ".join(words))
    return None


def find_company(text: str, *, asked: bool = False) -> str | None:
    """A company the speaker belongs to. ``asked``: it was asked for, so that it may stand alone."""
    for pattern in (_COMPANY, _AT, _COMPANY_OF_NAME):
        match = pattern.search(text)
        while match is not None:
            if (company := _company(match[1])) is not None:
                return company
            match = pattern.search(text, match.start() + 1)  # "from procurement at Initech"
    if asked and "?" not in text:
        words = re.findall(_WORD, _ANSWER_LEAD.sub("", text, count=1))
        if 1 <= len(words) <= 4:
            return _company(" ".join(words))
    return None


def _name(words: str) -> str | None:
    kept: list[str] = []
    for word in words.split():
        plain = word.lower().replace("\u2019", "'")
        if plain.removesuffix("'s") in _NOT_NAMES or plain.replace("'", "") in _NOT_NAMES:
            break
        kept.append(word)
    if not kept or len(kept) > 3 or len(kept[0]) < 2 or not "".join(parted(" ".join(kept))[1:]):
        return None
    return " ".join(_titled(word) for word in kept)


def _company(words: str) -> str | None:
    kept: list[str] = []
    if words.lower().split()[1:2] == ["dot"]:
        return None  # the beginning of an address
    for word in words.split():
        lowered = word.lower()
        if lowered in _STOPS and not (lowered == "and" and kept and len(kept) < 3 and _follows_company(words, kept)):
            break
        kept.append(word)
    while kept and kept[0].lower() in ("called", "named"):
        kept.pop(0)
    if not kept or kept[0].lower() in {*_NOT_COMPANIES, *_DEPARTMENTS} or len(kept[0]) < 2 or find_numbers(kept[0]):
        return None
    return " ".join(_titled(word) for word in kept[:4])


def _follows_company(words: str, kept: list[str]) -> bool:
    """Whether "and" joins two parts of one name: "smith and sons"."""
    rest = words.split()[len(kept) + 1 :]
    return bool(rest) and rest[0].lower() in (
        "sons",
        "son",
        "partners",
        "daughters",
        "company",
        "co",
        "associates",
        "brothers",
    )


def _titled(word: str) -> str:
    """As a name is written; words that already have a capital stay as they are."""
    return word if any(letter.isupper() for letter in word) or word == "and" else word[:1].upper() + word[1:]

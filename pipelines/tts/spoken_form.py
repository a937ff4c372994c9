"""How a written word is said: e-mail addresses, prices, ranges, short forms, signs. Pure.

The engine reads plain numbers and words well enough; what it would read sign by sign ("dollar one thousand", "jane
at-sign acme point com") is written out here. Each written word keeps its own spoken form, so that the engine's word
times can be carried back to the words the model wrote.
"""

import re
from collections.abc import Callable

from msgspec import Struct

_CURRENCIES = {"$": ("dollar", "dollars", "cents"), "€": ("euro", "euros", "cents"), "£": ("pound", "pounds", "pence")}
_MAGNITUDES = {"k": "thousand", "m": "million", "mm": "million", "b": "billion", "bn": "billion"}
_MAGNITUDE_WORDS = frozenset({"thousand", "million", "billion", "trillion", "k", "m"})
_SHORT_FORMS = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "vs": "versus",
    "dr.": "doctor",
    "mr.": "mister",
    "mrs.": "missus",
    "ms.": "miss",
    "prof.": "professor",
    "approx.": "approximately",
    "dept.": "department",
    "inc.": "incorporated",
    "ltd.": "limited",
    "a.m.": "ay M",
    "p.m.": "P M",
    "a.m": "ay M",
    "p.m": "P M",
    "u.s.": "U S",
    "u.k.": "U K",
    "w/": "with",
    "w/o": "without",
    "and/or": "and or",
    "24/7": "24 7",
    "b2b": "B to B",
    "b2c": "B to C",
    "saas": "sass",
    "hubspot": "hub spot",
    "linkedin": "linked in",
    "livekit": "live kit",
    "roi": "R O I",
    "faq": "F ay Q",
    "eta": "E T ay",
    "arr": "ay R R",
    "&": "and",
    "+": "plus",
    "=": "equals",
    "@": "at",
    "→": "to",
    "->": "to",
}
_SPELLED_DOMAINS = frozenset({"io", "ai", "uk", "us", "eu", "tv", "de", "fr", "ca", "au", "nl", "ch", "es", "it", "in"})
_ADDRESS_SIGNS = {".": "dot", "_": "underscore", "-": "dash", "+": "plus", "/": "slash", "@": "at", "~": "tilde"}

_OPENING = re.compile(r"^[\"'“\u2018(\[{*_`~<>|]+")
_CLOSING = re.compile(r"[\"'”\u2019)\]}*_`~>|]*([.,?!:;…—\u2013]*)[\"'”\u2019)\]}*_`~>|]*$")
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)")
_NOT_SPOKEN = re.compile(r"[^\w\s.,?!:;'\u2019@&%$€£+\-—\u2013/°#]")
_SPOKEN_SIGNS = frozenset("%&€$£°@")
_LONE_DASHES = frozenset({"-", "--", "\u2013", "—"})
_PAUSES = str.maketrans({"…": ".", "—": ",", "\u2013": ","})

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_WEB = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|co|app|dev|uk|us|eu|de|edu|gov)(?:/[\w./~-]*)?)"
    r"(?:[?#]\S*)?",
    re.IGNORECASE,
)
_MONEY = re.compile(r"([$€£])(\d[\d,]*)(?:\.(\d+))?(k|m|mm|b|bn)?((?:/[a-z]+)*)", re.IGNORECASE)
_PERCENT = re.compile(r"([+-]?\d[\d,.]*)%")
_RANGE = re.compile(r"([$€£]?)(\d[\d,.]*)(k|m)?[-\u2013—]([$€£]?)(\d[\d,.]*)(k|m|%)?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(am|pm)?", re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})(am|pm)", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+?\d{1,3}[-.])?(?:\d{3}[-.])?\d{3}[-.]\d{4}|\+\d{1,3}(?:[-.]\d{2,8})+|\+\d{7,15}|\d{10,15}")
_AREA_CODE = re.compile(r"\(\d{3,5}\)")
_DATE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})")
_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)(k|m|bn|x|\+)?", re.IGNORECASE)
_NUMBERED = re.compile(r"#(\d+)")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UNITS = {"mo": "month", "yr": "year", "hr": "hour", "wk": "week", "min": "minute"}


class SpokenToken(Struct, frozen=True):
    """A word as written, and what the engine should say for it: nothing for an emoji or a rule of dashes."""

    written: str
    spoken: str


def spoken_tokens(text: str, *, english: bool = True) -> list[SpokenToken]:
    """The words of a clause, cut at white space, in order. Of another language the engine reads numbers and signs by
    its own rules, and only what nobody says is left out."""
    words = text.split()
    if not english:
        return [SpokenToken(written, _without_marks(written)) for written in words]
    return [
        SpokenToken(written, _say(written, before, after))
        for before, written, after in zip(["", *words], words, [*words[1:], ""], strict=False)
    ]


def _without_marks(written: str) -> str:
    if written in _LONE_DASHES:
        return ","
    word = _OPENING.sub("", _LINK_TARGET.sub("", written)).translate(_PAUSES)
    text = " ".join(_NOT_SPOKEN.sub(" ", word).split())
    return text if any(character.isalnum() or character in _SPOKEN_SIGNS for character in text) else ""


def _say(written: str, before: str, after: str) -> str:
    if written in _LONE_DASHES:
        return ","
    if _AREA_CODE.fullmatch(written):
        return " ".join(written[1:-1])
    word = _OPENING.sub("", _LINK_TARGET.sub("", written))
    if word.lower() in _SHORT_FORMS:
        return _SHORT_FORMS[word.lower()]
    closing = _CLOSING.search(word)
    assert closing is not None  # it matches the empty string too
    core, pause = word[: closing.start()], closing.group(1)[:1].translate(_PAUSES)
    spoken = _say_core(core, before, after)
    return spoken + pause if spoken or core == "" else ""


def _say_core(core: str, before: str, after: str) -> str:
    lowered = core.lower()
    if lowered in _SHORT_FORMS:
        return _SHORT_FORMS[lowered]
    if lowered in ("am", "pm") and before[-1:].isdigit():
        return _letters(lowered)
    if lowered in _MAGNITUDE_WORDS and before[:1] in _CURRENCIES:
        return f"{_MAGNITUDES.get(lowered, lowered)} {_CURRENCIES[before[0]][1]}"
    for pattern, say in _READERS:
        if match := pattern.fullmatch(core):
            return say(match, after)
    return _plain(core)


def _plain(core: str) -> str:
    """Any other word: signs that join become words or gaps, signs that nobody says go."""
    text = re.sub(r"(?<=[^\W\d])/(?=[^\W\d])", " or ", core).replace("_", " ")
    text = re.sub(r"[—\u2013]+", ", ", text).replace("&", " and ").replace("%", " percent ").replace("°", " degrees ")
    text = re.sub(r"(?<=\d)/(?=\d)", " slash ", text)
    text = " ".join(_NOT_SPOKEN.sub(" ", text).replace("#", " ").split())
    return text if any(character.isalnum() for character in text) else ""


def _address(text: str) -> str:
    """An address the way one dictates it: signs by name, digits and short domains one by one."""
    parts: list[str] = []
    for part in re.findall(r"\d|[^\W\d_]+|[^\w\s]|_", text):
        spelled = part.lower() in _SPELLED_DOMAINS and parts[-1:] == ["dot"]
        parts.append(_letters(part) if spelled else _ADDRESS_SIGNS.get(part, part))
    return " ".join(parts)


def _email(match: re.Match[str], _after: str) -> str:
    return _address(match[0])


def _web(match: re.Match[str], _after: str) -> str:
    return _address(match[1].rstrip("/"))


def _money(match: re.Match[str], after: str) -> str:
    one, many, hundredths = _CURRENCIES[match[1]]
    units = _digits(match[2])
    fraction, magnitude, per = match[3], match[4], match[5]
    rate = "".join(f" per {_UNITS.get(unit.lower(), unit)}" for unit in per.split("/") if unit)
    if after.strip(".,?!:;").lower() in _MAGNITUDE_WORDS and not per:
        return f"{units}.{fraction}" if fraction else units  # "million dollars" is said by the next word
    if magnitude:
        number = f"{units}.{fraction}" if fraction else units
        return f"{number} {_MAGNITUDES[magnitude.lower()]} {many}{rate}"
    if units == "0" and fraction and len(fraction) == 2 and int(fraction):
        return f"{int(fraction)} {hundredths}{rate}"
    whole = f"{units} {one if units == '1' else many}"
    if not fraction or not int(fraction):
        return whole + rate
    if len(fraction) == 2:
        return f"{whole} and {int(fraction)} {hundredths}{rate}"
    return f"{units}.{fraction} {many}{rate}"


def _percent(match: re.Match[str], _after: str) -> str:
    sign = {"+": "plus ", "-": "minus "}.get(match[1][0], "")
    return f"{sign}{_digits(match[1].lstrip('+-'))} percent"


def _range(match: re.Match[str], after: str) -> str:
    first_sign, low, low_suffix, last_sign, high, high_suffix = (part or "" for part in match.groups())
    sign = first_sign or last_sign
    suffix = high_suffix.lower()
    unit = {"k": " thousand", "m": " million", "%": " percent"}.get(suffix, "")
    low_unit = {"k": " thousand", "m": " million"}.get(low_suffix.lower(), "")
    # "$5-$10 million": the amount's name comes after the next word.
    name = f" {_CURRENCIES[sign][1]}" if sign and after.strip(".,").lower() not in _MAGNITUDE_WORDS else ""
    return f"{_digits(low)}{low_unit} to {_digits(high)}{unit}{name}"


def _time(match: re.Match[str], _after: str) -> str:
    minutes = {"00": "" if match[3] else "o'clock", "0": ""}.get(match[2], match[2])
    if minutes.startswith("0") and minutes != "o'clock":
        minutes = f"oh {minutes[1]}"
    half = _letters(match[3] or "")
    return " ".join(part for part in (match[1].lstrip("0") or "0", minutes, half) if part)


def _hour(match: re.Match[str], _after: str) -> str:
    return f"{match[1]} {_letters(match[2])}"


def _phone(match: re.Match[str], _after: str) -> str:
    groups = re.findall(r"\d+", match[0])
    return ("plus " if match[0].startswith("+") else "") + ", ".join(" ".join(group) for group in groups)


def _date(match: re.Match[str], _after: str) -> str:
    return f"{_MONTHS[int(match[2]) - 1]} {int(match[3])}, {match[1]}"


def _count(match: re.Match[str], _after: str) -> str:
    suffix = (match[2] or "").lower()
    return _digits(match[1]) + {"x": " times", "+": " plus", "": ""}.get(suffix, f" {_MAGNITUDES.get(suffix)}")


def _numbered(match: re.Match[str], _after: str) -> str:
    return f"number {match[1]}"


def _letters(word: str) -> str:
    """One by one. A lone "A" would be read as the article."""
    return " ".join("ay" if letter == "A" else letter for letter in word.upper())


def _digits(number: str) -> str:
    """Without the commas between thousands, which the engine would pause at, and without a trailing period."""
    return number.replace(",", "").rstrip(".")


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], str]], ...] = (
    (_EMAIL, _email),
    (_WEB, _web),
    (_TIME, _time),
    (_HOUR, _hour),
    (_MONEY, _money),
    (_PERCENT, _percent),
    (_DATE, _date),
    (_PHONE, _phone),
    (_RANGE, _range),
    (_COUNT, _count),
    (_NUMBERED, _numbered),
)
"""The first that fits a whole word says it."""

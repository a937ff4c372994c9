"""E-mail addresses, typed or spoken: "jane.doe@acme.com", "jane dot doe at acme dot com", "j a n e at acme dot com"."""

import re
from typing import Final

_TYPED: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TOKEN: Final = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*|@|[.,!?;:]")
_LINKS: Final = {
    "dot": ".",
    "period": ".",
    "point": ".",
    "underscore": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "plus": "+",
}
TOP_DOMAINS: Final = frozenset(
    "com net org edu gov info biz app dev eu uk tech cloud shop store online site agency xyz io ai tv me"
    " club company consulting dental design digital energy finance fit global group health law legal life live media network"
    " partners pro services software solutions studio systems team today travel work works world"
    " ad ae ar at au ba be bg bh bo br by ca ch cl cn co cr cy cz de dk do ec ee eg es fi fr gr gt hk hr hu id ie il in is it"
    " jo jp ke kr kw kz lb lk lt lu lv ma mt mx my ng nl no nz om pa pe ph pk pl pt py qa ro rs ru sa se sg si sk sv th tn"
    " tr tw ua us uy ve vn za".split()
)
_PROVIDERS: Final = frozenset({"gmail", "googlemail", "hotmail", "yahoo", "outlook", "icloud"})
"""Of whom everybody knows the rest: "lisa at gmail"."""

_DIGITS: Final = {
    word: str(value) for value, word in enumerate("zero one two three four five six seven eight nine".split())
}
_SPELLING: Final = re.compile(r"\b([a-z]) (?:as in|like|for|as) ([a-z]+)\b")
_HYPHENED: Final = re.compile(r"\b[a-z0-9](?:-[a-z0-9]){2,}\b")
"""Spelled, as one writes it down: "a-o-i-f-e"."""

_DOUBLED: Final = re.compile(r"\bdouble ([a-z])\b")
_ALPHABET: Final = {
    word: word[0]
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar "
        "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
    ).split()
}
NOT_LOCAL: Final = frozenset(
    """
    is its it s my mine email mail e address to me be that thats sure yes yeah yep ok okay um uh er so well the use
    send try please and actually no sorry would reach on you can for name just i im like at with write down as a an in
    this here of right now one second let see best correct wait hang hold oh not but or we our was said meant should
    have has about under contact get got invite invitation spell spelled spelling letters lowercase lower case all word
    together think probably guess definitely obviously basically also then hi hello hey there because work personal
    """.split()
)
MAX_LOCAL_WORDS: Final = 2
"""Words said without a link before "at" that still belong to the address: "jane doe at acme dot com"."""

SHORTEST_ROW: Final = 3
"""Words of the radio alphabet in a row that spell."""


def find_email(text: str) -> str | None:
    """The last e-mail address in a text, lower case; None when there is no whole one."""
    typed: list[str] = _TYPED.findall(text)
    if typed:
        return typed[-1].rstrip(".-").lower()
    lowered = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("'", "")
    lowered = _HYPHENED.sub(lambda spelled: spelled[0].replace("-", " "), lowered)
    tokens = _spelled_out(_TOKEN.findall(_DOUBLED.sub(r"\1 \1", _SPELLING.sub(r"\1", lowered))))
    for place in range(len(tokens) - 1, 0, -1):
        if tokens[place] in ("at", "@"):
            domain = _domain(_ends_joined(tokens[place + 1 :]))
            local = _local(tokens[:place])
            if domain and local:
                return f"{local}@{domain}"
    return None


def without_addresses(text: str) -> str:
    """The text without the addresses typed in it, whose parts look like names and numbers."""
    return _TYPED.sub(" ", text) if "@" in text else text


def _domain(spoken: list[str]) -> str | None:
    """What follows "at", up to the top-level domain."""
    written = ""
    for place, word in enumerate(spoken[:14]):
        goes_on = place + 2 < len(spoken) and spoken[place + 2] in TOP_DOMAINS  # else it is a full stop
        following = next(iter(spoken[place + 1 : place + 2]), "")
        following = "" if following == "." and not goes_on else following
        if word in (".", "dot", "period", "point") and written:
            written += "."
        elif word in ("dash", "hyphen", "minus") and written:
            written += "-"
        elif word == "," and written:
            continue
        elif "." in word and word.rsplit(".", 1)[1] in TOP_DOMAINS:
            return written + word
        elif word.isalnum():
            if written.endswith("."):
                if word in TOP_DOMAINS and not (word in ("co", "com", "org", "ac") and following in (".", "dot")):
                    return written + word
                if word not in TOP_DOMAINS and following not in (".", "dot"):
                    return None
            written += _DIGITS.get(word, word)
        else:
            break
    provider = written.rstrip(".")
    return f"{provider}.com" if provider in _PROVIDERS else None


def _ends_joined(spoken: list[str]) -> list[str]:
    """Ends of a domain that are spelled as one word: "dot c o dot u k"."""
    out: list[str] = []
    at = 0
    while at < len(spoken):
        end = at
        while end < len(spoken) and len(spoken[end]) == 1 and spoken[end].isalpha():
            end += 1
        joined = "".join(spoken[at:end])
        if joined in TOP_DOMAINS and out[-1:] and out[-1] in (".", "dot", "period", "point"):
            out.append(joined)
            at = end
        else:
            out.append(spoken[at])
            at += 1
    return out


def _local(spoken: list[str]) -> str:
    """What stands before "at", read backwards until it no longer belongs to the address."""
    parts: list[str] = []
    unlinked = 0
    linked = True
    for place in range(len(spoken) - 1, -1, -1):
        word = spoken[place]
        if word == "," and not parts:
            continue
        if word in _LINKS or word == ".":
            parts.append(_LINKS.get(word, "."))
            linked = True
            continue
        if _is_sign(word):
            if not linked and not _is_sign(parts[-1]) and word.isdigit():
                break
        else:
            unlinked += 0 if linked else 1
            spelled = len(parts) > 1 and all(len(part) == 1 and part.isalpha() for part in parts)
            is_filler = word in NOT_LOCAL and not (place and spoken[place - 1] in _LINKS)  # "li dot oh" is a name
            if is_filler or not word[0].isalnum() or unlinked >= MAX_LOCAL_WORDS or (spelled and not linked):
                break
        parts.append(_DIGITS.get(word, word))
        linked = False
    return "".join(reversed(parts)).strip("._-+")


def _is_sign(word: str) -> bool:
    """A single letter, or a digit in figures or words: said one by one."""
    return (len(word) == 1 and word.isalnum()) or word in _DIGITS


def _spelled_out(spoken: list[str]) -> list[str]:
    """Rows of radio alphabet words as their letters; a single one is a word ("mike at acme dot com")."""
    out: list[str] = []
    at = 0
    while at < len(spoken):
        end = at
        while end < len(spoken) and spoken[end] in _ALPHABET:
            end += 1
        if end - at >= SHORTEST_ROW:
            out.extend(_ALPHABET[word] for word in spoken[at:end])
            at = end
        else:
            out.append(spoken[at])
            at += 1
    return out


def spoken_email(address: str) -> str:
    """The address as one reads it back: "jane dot doe at acme dot com"."""
    words = address.replace("@", " at ")
    for sign, word in ((".", "dot"), ("_", "underscore"), ("-", "dash"), ("+", "plus")):
        words = words.replace(sign, f" {word} ")
    return " ".join(words.split())

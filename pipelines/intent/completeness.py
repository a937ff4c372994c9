"""How likely it is that a transcript is a complete utterance, by its words alone.

For end-of-turn decisions: "my email is" and "we have about" want more time, "yes" and "how much is it?" do not. The
score is an ordering, not a measured probability: 0.5 parts what people go on with from what they leave standing.
"""

import re
from typing import Final

COMPLETE: Final = 0.9
LIKELY: Final = 0.75
EVEN: Final = 0.55
DOUBTFUL: Final = 0.3
UNLIKELY: Final = 0.15
INCOMPLETE: Final = 0.05

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|@")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILLERS: Final = _set("um uh uhm er erm hmm hm mm like so well basically actually literally umm uhh ah eh")
_CLOSING_FILLER: Final = re.compile(
    r"\b(?:think so|guess so|hope so|suppose so|as well|very well|looks like|\w+ \w+ actually)$"
)
_CONNECTORS: Final = _set(
    "and but or because cause cos if when while unless although though since than nor whether until till plus"
)
_DETERMINERS: Final = _set(
    "the a an my your his her our their its every each both another other some any these very really quite pretty "
    "too more most about around roughly approximately almost nearly maybe probably perhaps between per without into "
    "onto within via versus"
)
_PREPOSITIONS: Final = _set(
    "to of for from with at by in on off up under over after before through against towards as out down"
)
_STRANDED: Final = _set("to of for from with at by in on off up out about under over through into")
"""Prepositions that end a question well: "who am I talking to", "what is it about"."""

_PARTICLE_ENDS: Final = re.compile(
    r"\b(?:hold|hang|come|go|carry|move|later|based|keep|early|from now|and so|sign|set|log|check|opt|drop|call"
    r"|back|keep|follow|catch|give|pick|picks|hang|wake|slow|speak|get|gets|turned|write|break|sit|find|work|works"
    r"|try|time|way|day|left|right|before|year|week|it|that|them|me|us) (?:on|in|up|off|out|down|over|before|after"
    r"|through|by)$"
)
_CLITICS: Final = re.compile(
    r"(?:^|.)(?:'m|'re|'ve|'ll|'d)$|^(?:it's|that's|there's|what's|he's|she's|who's|where's|how's|let's)$"
)
_PRONOUNS: Final = _set("i you he she it we they")
_BE: Final = _set("is are was were am be been being")
_AUXILIARIES: Final = _set("have has had do does did can could will would shall should may might must cannot")
_NEGATED: Final = re.compile(r"n't$|^(?:dont|cant|wont|didnt|doesnt|isnt|arent|havent)$")
_TRANSITIVE: Final = _set(
    "need needs want wants use uses like tell ask send give say said mean get make take put see find try looking "
    "using calling having getting making trying going guess think believe hope wanted needed used called handle "
    "spend pay include includes"
)
_NEEDS_OBJECT: Final = re.compile(
    r"\b(?:i|we|you|they|who|he|she|i'm|we're|to|i'd|we'd|and|can|could|please|just|don't)(?: (?:really|just|also"
    r"|only|would|mostly|currently|usually))* (?:\w+)$"
)
_WH: Final = _set("what who where when why how which whose what's who's where's when's how's")
_OPENERS: Final = _set("do does did is are was were can could will would should have has may don't isn't aren't can't")
_LEADS: Final = _set("yes yeah yep no nope sure well i'm sorry okay ok oh um uh so and but")
_SAYS: Final = _set(
    "think thinking said says hope believe means is was so such sure problem mean guess told heard afraid worried"
)
_OPEN_ENDS: Final = ("half past", "quarter to", "quarter past")
_OPEN_WHOLE: Final = frozenset(("tell me", "could you please", "can you please", "would you please", "give me"))
_ALONE: Final[dict[str, float]] = {
    **dict.fromkeys(
        _set("yes yep yup nope absolutely definitely exactly correct sure thanks bye goodbye hello hi hey pardon stop"),
        COMPLETE,
    ),
    **dict.fromkeys(
        _set("no yeah okay ok right fine great perfect good maybe what why when how who where huh sorry nah"), LIKELY
    ),
    **dict.fromkeys(_set("i you we they he she it this that one not"), INCOMPLETE),
}
_THINKING: Final = re.compile(
    r"\b(?:let me (?:see|think)|let's see|you know|i mean|the thing is|what was it|how do i say|kind of|sort of"
    r"|i was like)$"
)
_ANNOUNCED: Final = re.compile(
    r"\b(?:e-?mail|email address|address|number|name|budget|question|problem|issue|point|idea|answer|phone|team"
    r"|plan|company|it|that|this|which|there|he|she|here) (?:is|was|are|would be|will be)(?: (?:at|that|just"
    r"|basically|like))?$"
)
_AFFIRMED: Final = re.compile(r"^(?:(?:yes|yeah|yep|sure|of course) )+(?:it|that|this|there|he|she) (?:is|was)$")
_SHORT_ANSWER: Final = re.compile(
    r"^(?:(?:yes|yeah|yep|no|nope|sure|well|oh|okay|of course) )*(?:i|we|they|you|he|she|it|that|there)(?: (?:\w+))? "
    r"(?:do|does|did|am|are|is|was|were|have|has|had|can|could|will|would|should|don't|doesn't|didn't|isn't|aren't"
    r"|haven't|can't|won't|wouldn't|wasn't|couldn't|shouldn't)$"
)
_SUBORDINATE: Final = re.compile(
    r"^(?:(?:and|but|so|well|yeah|um|uh) )*(?:because|if|when|while|since|although|unless|after|before|as long as)\b"
)
_TAKES_PRONOUN: Final = _set("thank with to for of about see hear tell call at do")
_CLOSERS: Final = _set("please thanks today now me them us bye mine anymore again yet you")
_DIGIT_WORDS: Final = _set("zero oh one two three four five six seven eight nine")
_TENS: Final = _set("twenty thirty forty fifty sixty seventy eighty ninety")
_PHONE_DIGITS: Final = 10
SHORTEST_NUMBER: Final = 7
_TOP_DOMAIN: Final = re.compile(
    r"\bdot (?:com|net|org|io|co|ai|edu|gov|uk|de|fr|us|ca|info|biz|app|dev|me|tv)$|\.(?:[a-z]{2,})$"
)
_EMAIL_TALK: Final = re.compile(r"\b(?:e-?mail|mail)\b|@|\bat (?:\w+ )?(?:dot|gmail|yahoo|hotmail|outlook)\b")


def completeness(text: str, *, expecting: str | None = None) -> float:
    """From 0 (surely goes on) to 1 (surely complete). ``expecting``: what the agent's last question asked for."""
    stripped = text.strip().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("\N{HORIZONTAL ELLIPSIS}", "...")
    words = _WORD.findall(stripped.lower())
    if not words:
        return 0.0
    plain = " ".join(words)
    if stripped.endswith("?"):
        return 0.95
    score = _address(stripped.lower(), words, expecting)
    if score is None:
        score = _by_last_word(words, plain)
    if score is None:
        score = _by_shape(words, plain)
    if stripped.endswith((",", "-", "...", ":")):
        return min(score, UNLIKELY)
    if stripped.endswith((".", "!")) and score > DOUBTFUL:  # a recogniser's full stop means little after "and"
        return min(0.95, score + 0.15)
    return score


def _address(lowered: str, words: list[str], expecting: str | None) -> float | None:
    """E-mail addresses and numbers being dictated; None when the text is neither."""
    last = words[-1]
    bare = lowered.rstrip(".,!- ")
    if expecting == "email" or _EMAIL_TALK.search(lowered) is not None:
        if _TOP_DOMAIN.search(bare) is not None:
            return COMPLETE
        dictating = "at" in words or "@" in words or "dot" in words or last in ("underscore", "dash", "hyphen")
        if dictating or len(last) == 1 or (expecting == "email" and len(words) <= 3 and last not in _ALONE):
            return UNLIKELY
    digits = _trailing_digits(words)
    if digits:
        return COMPLETE if digits >= _PHONE_DIGITS else DOUBTFUL
    return EVEN if last in _TENS else None


def _trailing_digits(words: list[str]) -> int:
    """Digits said one by one, or as figures of a telephone number, at the end."""
    count = 0
    for word in reversed(words):
        if word in _DIGIT_WORDS:
            count += 1
        elif word.isdigit() and (len(word) == 1 or count or len(word) in (3, 4, 7, 10, 11)):
            count += len(word)
        else:
            break
    one_figure = words[-1].isdigit() and count == len(words[-1]) < SHORTEST_NUMBER  # "200" is a number of something
    return 0 if one_figure or count < 3 else count


def _by_last_word(words: list[str], plain: str) -> float | None:
    """What the last word alone leaves open; None when it leaves nothing open."""
    last = words[-1]
    if len(words) == 1 and last in _ALONE:
        return _ALONE[last]
    if last in _FILLERS:
        return LIKELY if _CLOSING_FILLER.search(plain) is not None else INCOMPLETE
    if _THINKING.search(plain) is not None:
        return UNLIKELY
    if last == "that":
        return INCOMPLETE if words[-2] in _SAYS else LIKELY
    if last in ("dot", "underscore") or plain.endswith(_OPEN_ENDS) or plain in _OPEN_WHOLE:
        return INCOMPLETE
    if last in _CONNECTORS or _CLITICS.search(last) is not None:
        return LIKELY if last in ("though", "plus") and len(words) > 2 else INCOMPLETE
    if last in _PREPOSITIONS or last == "about":
        return _preposition(words, plain)
    if last in _DETERMINERS:
        return _determiner(words, plain)
    if last in _BE or last in _AUXILIARIES or _NEGATED.search(last) is not None:
        return _auxiliary(words, plain)
    if last in _PRONOUNS:
        return _pronoun(words)
    if last in _TRANSITIVE and _NEEDS_OBJECT.search(plain) is not None:
        return _transitive(words, plain)
    return None


def _preposition(words: list[str], plain: str) -> float:
    if _PARTICLE_ENDS.search(plain) is not None:
        return LIKELY
    asks = words[0] in _WH or words[0] in _OPENERS or any(word in _WH for word in words[:-2])
    return LIKELY if asks and words[-1] in _STRANDED | {"about"} and len(words) > 2 else INCOMPLETE


def _determiner(words: list[str], plain: str) -> float:
    last = words[-1]
    if len(words) == 1:
        return INCOMPLETE
    if last in ("maybe", "probably", "perhaps"):
        return INCOMPLETE if words[-2] in _AUXILIARIES | _TRANSITIVE | _BE | {"got"} else EVEN
    if last in ("too", "more", "most", "each", "any", "some") and len(words) > 2:
        return EVEN
    if plain.endswith(("not really", "no more", "any more", "one more", "each other", "or the other", "is hers")):
        return LIKELY
    return INCOMPLETE


def _auxiliary(words: list[str], plain: str) -> float:
    if _AFFIRMED.match(plain) is not None:
        return LIKELY
    if _ANNOUNCED.search(plain) is not None and len(words) > 2:
        return INCOMPLETE
    if words[0] in _WH and words[-1] == "do" and words[-2] in _PRONOUNS:
        return LIKELY  # "what do you do"
    if _SHORT_ANSWER.match(plain) is not None:
        return LIKELY if words[-1] not in ("is", "was", "are") or words[0] in _LEADS else UNLIKELY
    if any(word in ("what", "who", "where", "how", "than", "as", "which") for word in words[1:-1]):
        return EVEN  # "I know what it is", "more than we have"
    return INCOMPLETE


def _pronoun(words: list[str]) -> float:
    if len(words) < 2:
        return INCOMPLETE
    before = words[-2]
    if before in _BE or before in _TAKES_PRONOUN:
        return INCOMPLETE if before == "do" and words[-1] in _PRONOUNS - {"it"} else COMPLETE
    if before in _AUXILIARIES or before in _CONNECTORS or before in _WH:
        return INCOMPLETE
    return LIKELY if words[-1] in ("it", "you") else UNLIKELY


def _transitive(words: list[str], plain: str) -> float:
    last = words[-1]
    if last in ("think", "guess", "believe", "hope") and words[-2] == "i" and len(words) > 3:
        return EVEN  # a tag: "next week I think"
    if any(word in ("what", "that's", "all", "how", "which") for word in words[:-1]):
        return EVEN  # "that's all I need"
    if words[-2] == "don't" or plain.endswith(("i see", "you see", "we'll see", "to get going", "as you like")):
        return LIKELY
    return UNLIKELY


def _by_shape(words: list[str], plain: str) -> float:
    """Nothing is left open by the last word: does the whole look finished?"""
    if words[0] in _WH or (words[0] in _OPENERS and len(words) > 2):
        return 0.85 if len(words) > 2 else EVEN
    if _SUBORDINATE.match(plain) is not None and len(words) < 8:
        return DOUBTFUL
    if words[-1] in _CLOSERS:
        return COMPLETE
    return 0.8 if len(words) >= 3 else LIKELY if len(words) == 2 else 0.65

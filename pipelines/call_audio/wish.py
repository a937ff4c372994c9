"""Whether somebody who speaks wants not to be recorded, or to know whether they are, in English or another language
that we know words of. Pure; it errs on the side of the caller."""

import re
from typing import Final

from pipelines.language import words

_QUOTES: Final = re.compile("[\u2018\u2019']")
_NO_WORDS: Final = re.compile(r"[^a-z0-9]+")
_RECORD: Final = r"(?:audio |voice )?(?:record|recording|tape|taping)"
_REFUSES: Final = re.compile(
    rf"\b(?:do not|dont|please not|never|not to|not be|rather not|not want (?:you )?to|you not|without) {_RECORD}\b"
    r"|\bno (?:audio |voice )?(?:recording|taping)\b"
    rf"|\b(?:stop|end|quit|delete|erase|remove|turn off|switch off|shut off|cancel|pause) (?:with )?"
    rf"(?:the |this |that |my |your |any |all )?{_RECORD}s?\b"
    r"|\b(?:not|dont) (?:want|wish|like|agree|consent|okay|ok|happy|comfortable)\b[a-z ]{0,40}"
    rf"\b(?:{_RECORD}|recorded)\b"
    r"|\b(?:no|not|dont|without|rather|refuse|object|instead of)\b[a-z ]{0,25}"
    r"\b(?:being|be|get|getting) (?:recorded|taped)\b"
    r"|\b(?:turn|switch|shut) (?:the |this |that |your )?(?:recording|recorder|tape) off\b"
    r"|\b(?:i )?(?:refuse|object to|withdraw|decline)\b[a-z ]{0,30}\b(?:record|recording|recorded)\b"
)
_SPEAKS_OF_SOMETHING_ELSE: Final = re.compile(
    r"\b(?:record|recording) (?:player|label|keeping|book|sales?|number|profits?|results?|our|their|your (?!call)"
    r"|revenues?|numbers|time|high|low|breaking|studio|software|systems?|tools?|features?)\b"
    r"|\b(?:does|do|can|could|will|would) (?:it|they|(?:your|the) (?:product|system|software|tool))\b[a-z ]{0,25}"
    r"\brecord"
)

_ASKS: Final = re.compile(
    r"\b(?:am i|are (?:you|we)|is (?:this|that|it|the call|my call)|was (?:this|that|it)|will (?:i|this|that|it))"
    r"(?: (?:call|line|conversation|chat|one|all|on|currently|still|also|being|be|getting|get)){0,3}"
    r" (?:recorded|recording|taped|taping)\b"
    r"|\b(?:do|did|will) you (?:also |always |still )?(?:record|tape) (?:me|us|this|that|it|my|our|what i)\b"
)
"""Of this very talk; whether calls are recorded at all may be asked of what is sold."""

RECORDED: Final = "The sound of this call is recorded. A caller who does not want that need only say so."
NOT_RECORDED: Final = "The sound of this call is not recorded. What is said is kept as text."
"""For the model, when a caller asks."""

TOLD: Final = "The caller has just been told that the recording was stopped and deleted. Do not speak of it again."
"""For the model that goes on behind it."""


def refuses_recording(text: str) -> bool:
    """ "Please don't record this call", "stop recording", "I don't want to be recorded"."""
    return _says(_REFUSES, text) or words.refuses_recording(text)


def asks_if_recorded(text: str) -> bool:
    """ "Is this call being recorded?", "are you recording me?"."""
    return _says(_ASKS, text) or words.asks_if_recorded(text)


def _says(pattern: re.Pattern[str], text: str) -> bool:
    plain = f" {_NO_WORDS.sub(' ', _QUOTES.sub('', text.lower())).strip()} "
    return pattern.search(plain) is not None and _SPEAKS_OF_SOMETHING_ELSE.search(plain) is None

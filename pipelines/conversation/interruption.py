"""Whether a caller who makes a sound while the agent speaks wants the floor. Pure decisions.

The agent is held back at the first sign of a voice (see ``turn_taking``), so deciding may take its time: a cough, a
noise or a "mhm" lets the reply go on where it stopped, a word meant for the agent ends it.
"""

from enum import Enum

from pipelines.intent.backchannel import is_backchannel
from pipelines.language.tags import ENGLISH, is_english, primary
from pipelines.language.words import WORDS, folded

CONFIRM_VOICED_MS = 900.0
"""So much voice without any words recognised is speech: coughs are shorter, and so is a drawn-out "mhm" (700 ms). The
agent is silent from the first window on, so waiting for this costs the caller nothing."""

CONFIRM_SILENT_AGENT_MS = 192.0
"""The same while the agent has not yet become audible: nothing is lost by letting the caller go on."""

BACKCHANNEL_VOICED_MS = 1500.0
"""A "yeah, right, mhm" that goes on longer than this takes the floor whatever its words."""

GUESSED_VOICED_MS = 650.0
"""A recogniser that guesses makes words of a shorter sound: only one that takes the floor by itself counts, and only
once it is settled."""

BLIP_VOICED_MS = 96.0
BLIP_SILENCE_MS = 64.0
"""A sound shorter than this is no word in any language; let the reply go on almost at once."""

MISHEARD_HUM_WORDS = 4

SETTLE_SILENCE_MS = 192.0
"""So much silence after a short sound: it is over, ask what it was."""

VERDICT_DEADLINE_MS = 700.0
"""No text for a short sound by then: it was noise."""

FLOOR_TAKING = frozenset(
    "stop wait no hello hold what sorry pardon hey excuse actually but listen question repeat help cancel quit "
    "enough human person agent operator who why when where how".split()
)
"""Single words that interrupt although they are as short as a cough that was misheard as a word."""


class Verdict(Enum):
    """What the sound is."""

    UNDECIDED = "undecided"
    INTERRUPTION = "interruption"
    FALSE_ALARM = "false_alarm"


def judge(
    *,
    voiced_ms: float,
    silence_ms: float,
    text: str,
    is_final: bool,
    waited_ms: float,
    agent_audible: bool,
    answering: bool,
    guessed: bool = False,
    language: str = ENGLISH,
) -> Verdict:
    """Judge a sound from its voiced length, the silence since, and its words so far.

    ``waited_ms`` counts from its beginning; ``is_final``: no better text will come; ``answering``: the agent had just
    put a question, so that "yeah" is an answer; ``guessed``: the text is of a recogniser that guesses; ``language``:
    what is talked.
    """
    words = text.lower().split()
    if guessed and is_hum(words):
        words, text = ["mm"], "mm"
    if guessed and voiced_ms < GUESSED_VOICED_MS:
        meant = takes_floor(words, answering=True) if answering else any(map(is_floor_taking, words))
        if is_final and words and meant:
            return Verdict.INTERRUPTION
    elif words and takes_floor(words, answering=answering, language=language):
        return Verdict.INTERRUPTION
    limit_ms = CONFIRM_VOICED_MS if agent_audible else CONFIRM_SILENT_AGENT_MS
    if words and is_backchannel(text, language=language):
        limit_ms = BACKCHANNEL_VOICED_MS
    if voiced_ms >= limit_ms:
        return Verdict.INTERRUPTION
    if not words and voiced_ms < BLIP_VOICED_MS and silence_ms >= BLIP_SILENCE_MS:
        return Verdict.FALSE_ALARM
    if silence_ms >= SETTLE_SILENCE_MS and (is_final or waited_ms >= VERDICT_DEADLINE_MS):
        return Verdict.FALSE_ALARM
    return Verdict.UNDECIDED


def takes_floor(words: list[str], *, answering: bool, language: str = ENGLISH) -> bool:
    """An answer, two words that are no backchannel, or one that nobody says while listening."""
    if any(is_floor_taking(word, language) for word in words):
        return True
    text = " ".join(words)
    if is_backchannel(text, language=language):
        return answering and not is_backchannel(text, answering=True, language=language)
    return answering or len(words) >= 2


def is_floor_taking(word: str, language: str = ENGLISH) -> bool:
    if is_english(language):
        return word.strip(".,!?'") in FLOOR_TAKING
    words = WORDS.get(primary(language))
    return words is not None and folded(word) in words.floor_taking


def is_hum(words: list[str]) -> bool:
    """A hum as it is misheard: "m m them"."""
    return bool(words) and len(words) <= MISHEARD_HUM_WORDS and set(words[0]) == {"m"}

"""A word or two to a text that brings no news: a greeting, thanks, a yes, or what was not understood."""

import re
from typing import Final

from pipelines.intent.backchannel import is_backchannel
from pipelines.playbook.moves import Move, Surroundings
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

_HOW_ARE_YOU: Final = re.compile(r"\bhow(?:s| are| is| was| have| has| do you do)\b")
_OF_THE_WORLD: Final = re.compile(
    r"(?:(?:and|so|hey|by the way) )*(?:what|who|where|when)(?:s| is| are| was| did| do)\b(?! (?:up|new|good)$)"
)
"""What somebody at a telephone is asked to pass the time, and cannot know: "what's the weather like?"."""

_USES: Final = re.compile(
    r"(?:(?:and|so|well|yeah|yes|right now|currently|at the moment) )*(?:we|i)(?:re| are)?"
    r" (?:currently |already |mostly |all |just )*(?:use|using|run on|running|work with|live in|on) (?:the )?(\w+(?: \w+){0,2})$"
)
"""What they work with, which may go together with the product."""

MOST_WORDS_UNCLEAR: Final = 6
"""Who says more was understood well enough, and told a story."""

_SOUND: Final = re.compile(r"(?:h+m+|hu+h|u+h+|u+m+|a+h+|o+h+|mm+|er+m*)(?: (?:h+m+|okay|ok))?")


def greeting(around: Surroundings) -> Move:
    return Move("greet" if around.company else "greet_plain", around.names)


def of_times(state: State, latest: Understanding) -> str:
    if state.meeting.choice.fitting:
        return "okay"
    day = latest.moment.day
    return "time_passed" if day is not None and day < state.now.date() else "other_times"


def reaction(state: State, latest: Understanding, around: Surroundings) -> Move:
    """To a text without news."""
    if not state.course.said:
        return greeting(around)
    if latest.intent == "greeting":
        if state.course.closed:
            return Move("hello_again")
        return Move("hello" if state.course.heard == 1 and "?" not in latest.text else "here")
    if latest.intent == "small_talk":
        return _small_talk(latest, around)
    if latest.intent == "booking":
        return Move("gladly")
    if latest.says("missed_call"):
        return Move("missed_call" if around.company else "identity_plain", around.names)
    if latest.says("back"):
        return Move("back")
    if latest.partial_email:
        return Move("email_incomplete")
    if latest.says("does_not_know"):
        return Move("not_known")
    if state.asked.answered == "confirmation" and state.facts.email is None:
        return Move("email_wrong")
    if latest.polarity is not None or state.asked.answered is not None:
        return Move("declined" if latest.polarity == "no" else "okay")
    if latest.learns or latest.intent == "qualification_answer":
        return Move("noted")
    if is_backchannel(latest.text):
        return Move("listening" if _SOUND.fullmatch(latest.plain) else "okay")
    if (uses := _USES.match(latest.plain)) is not None:
        works_with = around.lookup(f"does it work with {uses[1]}")
        return Move("answer", {"text": works_with.text}) if works_with is not None else Move("noted")
    return Move("unclear" if latest.plain.count(" ") < MOST_WORDS_UNCLEAR else "heard_out")


def _small_talk(latest: Understanding, around: Surroundings) -> Move:
    words = latest.plain.split()
    if "name" in words:
        return Move("identity" if around.company else "identity_plain", around.names)
    if _HOW_ARE_YOU.search(latest.plain):
        return Move("how_are_you")
    if _OF_THE_WORLD.match(latest.plain):
        return Move("off_topic")
    return Move("welcome" if "thank" in latest.plain or "appreciate" in words else "chat")

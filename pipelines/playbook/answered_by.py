"""Who speaks, when it is not the one to sell to: a recording, a menu, a child, the front desk, somebody who fetches
another."""

import re
from typing import Final, Literal

AnsweredBy = Literal["voicemail", "menu", "child", "takes_message", "front_desk", "passes_on"]

_PEOPLE: Final = (
    r"(?:him|her|them|somebody|someone|(?:my|our|the) (?:boss|manager|colleague|coworker|husband|wife|partner|owner"
    r"|director|assistant|supervisor|secretary|brother|sister|son|daughter|mom|mother|dad|father))"
)
_WORDS: Final[tuple[tuple[AnsweredBy, str], ...]] = (
    (
        "voicemail",
        r"^(?!.*\b(?:they|callers|customers|clients|leads|people|nobody|we (?:need|want|have|get|lose|use))\b)(?:.*"
        r"\b(?:leave|record)\b.{0,40}\b(?:after|at) the (?:tone|beep)\b|.*\bat the (?:tone|beep) (?:please|leave"
        r"|record)\b"
        r"|.*\byou(?:ve| have) reached\b.{0,60}\b(?:voice ?mail|closed|leave|hours|not available|unable)\b"
        r"|.*\b(?:number|line|customer|person)\b.{0,40}\b(?:not in service|been disconnected|temporarily unavailable)\b"
        r"|(?:the |this )?(?:voice )?mail ?box (?:is|of \w+(?: \w+)? is) full\b)",
    ),
    (
        "menu",
        r"\b(?:press|dial) (?:one|two|three|zero|\d|star|pound)\b|\byour call is (?:very )?important\b"
        r"|^(?!(?:can|could|would|ok|okay|yes|sorry|one|just|i|im|so|um|oh)\b)(?:\w+ ){1,6}please hold$"
        r"|\bnext available (?:agent|representative|operator)\b|\bour menu (?:options )?ha(?:s|ve) changed\b",
    ),
    (
        "child",
        r"\b(?:mommy|daddy)\b|\bmy (?:mom|mum|dad|parents)(?:s| is| isnt| are| arent| is not)? (?:not (?:home|here)"
        r"|(?:in|at|on) the (?:shower|bathroom|toilet|garden|store|phone)|at work|sleeping|asleep|out shopping)\b"
        r"|\bmy (?:mom|mum|dad)s? (?:isnt |not )(?:home|here)\b"
        r"|\b(?:im|i am) (?:only |just )?(?:[3-9]|1[0-4]|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
        r"|thirteen|fourteen) years old\b",
    ),
    (
        "passes_on",
        r"\b(?:ill|i will|let me|im going to|gonna|while i|and) (?:just )?(?:pass|put|hand|transfer|connect) (?:you"
        r"|the phone)"
        r" ?(?:on|over|through)? ?(?:to|with)? ?(?!hold)\b(?!.*\bhold\b)"
        rf"|\b(?:ill|i will|let me|im going to) (?:just )?(?:put|get|grab|fetch|find) {_PEOPLE}\b(?: on\b| for you\b"
        rf"|$)",
    ),
    (
        "takes_message",
        r"\b(?:can|could|may|shall|should) i (?:please )?(?:take|pass on|give (?:him|her|them)) a message\b"
        r"|\b(?:can|could|may|shall|should) i tell (?:him|her|them) who\b"
        r"|\b(?:you can|want to|would you like to|do you want to|you could|care to) leave (?:a|your|him a|her a|them a) message\b",
    ),
    (
        "front_desk",
        r"^(?:im sorry |sorry |no |oh |im afraid )*(?:s?hes|s?he is|(?:mr|mrs|ms|dr|doctor|miss) \w+ (?:is|isnt)"
        r"|(?:the )?"
        r"(?:doctor|owner|manager|boss)(?: is|s)?)\b (?:currently |just |not |unfortunately )*(?:with a (?:patient"
        r"|client|customer)"
        r"|in (?:a meeting|surgery|court|session)|out(?: of (?:the )?(?:office|town)| today| right now)?$"
        r"|out of (?:the )?office"
        r"|away|unavailable|available|on (?:vacation|holiday|another (?:line|call))|in (?:today|right now)(?=$| (?:who|whos|what|can|may)\b)|at lunch)\b",
    ),
)
_PATTERNS: Final = tuple((by, re.compile(pattern)) for by, pattern in _WORDS)


def answered_by(plain: str) -> AnsweredBy | None:
    """None: somebody one can talk business with. ``plain``: lower case, no punctuation or apostrophes."""
    for by, pattern in _PATTERNS:
        if pattern.search(plain) is not None:
            return by
    return None

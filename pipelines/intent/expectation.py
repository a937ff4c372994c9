"""What an agent's utterance asks for, read from its words, whoever wrote them.

Works on what was heard of it: an utterance that was cut short before its question mark is read by its last words.
"""

import re
from functools import lru_cache
from typing import Final

from pipelines.intent.labels import Expected

TAIL_CHARS: Final = 300
"""A question stands at the end; earlier text is not read."""

_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")
_DAYS: Final = r"monday|tuesday|wednesday|thursday|friday|saturday|sunday"

_WORDS: Final[tuple[tuple[Expected, str], ...]] = (
    ("opt_out", r"\b(?:take|taken|remove) (?:you )?(?:off|from) (?:our|the) list\b|\bstop calling you\b"),
    (
        "confirmation",
        r"\b(?:is|was|does|did) (?:that|this|it|i)\b.{0,30}\b(?:right|correct|correctly|down)\b"
        r"|\bhave i got (?:that|it) right|\bdo i have that right|\bright\?$|\bcorrect\?$",
    ),
    ("anything_else", r"\b(?:anything|something|any) (?:else|other questions?)\b|\bother questions\b"),
    ("phone", r"\b(?:which|what|a|your) (?:phone |telephone |mobile )?number\b(?! of)"),
    (
        "email",
        r"\be-?mail\b(?! (?:from|went|is on|and phone))|\bwhere (?:should|can|shall|may) i send\b"
        r"|\bspell (?:it|that|the address)\b|\baddress (?:should|can|may) i\b",
    ),
    (
        "referral",
        r"\b(?:right|best|better) person\b|\bwho (?:would|should|could|else|is|handles|looks after"
        r"|takes care)\b.{0,40}\b(?:talk|speak|ask|reach|contact|handles?|charge|responsible)\b|\bwho (?:handles"
        r"|looks after|takes care)\b",
    ),
    (
        "name",
        r"\byour (?:full |first |last )?name\b|\bwho am i (?:speaking|talking)|\bwho do i have\b|\bmay i ask who\b"
        r"|\b(?:under|what|which) name\b|\bwho (?:should|shall|can|may) i (?:put|book|make)\b"
        r"|\bwhom? should the invit",
    ),
    (
        "company",
        r"\b(?:which|what|your) company(?:'s name| name)?\b.{0,30}\?|\bcompany (?:called|name)\b"
        r"|\bwhere do you work\b",
    ),
    (
        "team_size",
        r"\bhow (?:many|big|large)\b.{0,60}\b(?:people|reps?|users|seats|employees|agents|team|of you|staff"
        r"|company|salespeople|callers?)\b|\b(?:team size|size of (?:your|the) team|headcount|head count)\b",
    ),
    (
        "budget",
        r"\bbudget\b|\b(?:spend|pay|invest|set aside|put aside|price range|afford)\b.{0,60}\?|\bhow much (?:are"
        r"|do|would|could|can|did) you\b",
    ),
    (
        "authority",
        r"\b(?:decision|decisions|decide|decides|sign off|signs off|final say|approves?|approval|your call"
        r"|yours to make|involved|say yes|weigh in)\b",
    ),
    (
        "time_slot",
        rf"\b(?:{_DAYS})\b|\b(?:\d{{1,2}}(?::\d\d)? ?(?:am|pm|o'clock)|tomorrow)\b|\b(?:which"
        rf"|what)\b.{{0,40}}\b(?:times?|day|slot|one)\b"
        r"|\bwhen (?:would|could|can|are|is|do|should|shall)\b.{0,40}\b(?:meet|call|talk|free|demo|available"
        r"|availability|suit|speak|good time)\b|\b(?:time|day) (?:that )?(?:works?|suits?|is better|is good|would)\b"
        r"|\bworks? (?:better|best) for you\b|\bfind a time\b"
        r"|\b(?:what|which) works\b|\bput something on the calendar\b"
        r"|\b(?:set up|book|schedule|arrange)\b.{0,40}\b(?:call|meeting|demo"
        r"|time|session)\b|\b(?:next|this) week\b.{0,40}\b(?:call|meeting|demo|chat|talk|session|look)\b",
    ),
    (
        "timing",
        r"\bhow soon\b|\btime ?(?:line|frame|scale)\b|\bby when\b|\bgo(?:ing)? live\b|\bin place\b"
        r"|\bget(?:ting)? started\b|\bup and running\b|\bwhen\b.{0,60}\b(?:start|begin|need|want|looking|hope|hoping"
        r"|plan|planning|like|ready|move)\b|\bdeadline\b|\bhow urgent\b",
    ),
    (
        "permission",
        r"\b(?:have|got|spare) (?:a|one|two|just a) (?:quick |spare |couple of )?(?:minutes?|moment|seconds?)\b"
        r"|\bgood (?:time|moment)\b|\b(?:ok|okay|all right|alright|fine) (?:if|with you|to)\b|\bmay i\b"
        r"|\bcan i (?:ask|take|tell)\b|\bmind if\b|\bshall (?:i|we)\b",
    ),
    (
        "need",
        r"\bwhat (?:brings|brought|made|(?:are|do) you (?:looking|hoping|trying|using|use|currently|doing)"
        r"|would you (?:like|want|most)|problem|challenge|is your biggest"
        r"|'?s (?:the|your) (?:biggest|main)|takes|costs|gets|keeps|do you need|does your|should|could)\b"
        r"|\bwhat's the (?:biggest|main)\b|\bwhat is (?:the|it)\b|\bwhat matters\b|\bhow (?:do|are|does) (?:you"
        r"|your)\b|\bbiggest (?:challenge|problem|headache)\b"
        r"|\b(?:improve|fix|change|help you with|looking for|like to solve|better)\b.{0,30}\?|\bwhat (?:can"
        r"|may) i (?:do|help)\b|\bhow (?:can|may) i help\b|\btell me (?:a (?:little|bit) )?about\b",
    ),
)

_PATTERNS: Final = tuple((expected, re.compile(pattern)) for expected, pattern in _WORDS)


@lru_cache(maxsize=2048)
def expected_answer(utterance: str) -> Expected | None:
    """What the utterance's last question asks for; None when it asks for nothing this module knows."""
    tail = " ".join(utterance[-TAIL_CHARS:].lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    sentences: list[str] = [sentence.strip() for sentence in _SENTENCE.findall(tail) if sentence.strip()]
    if not sentences:
        return None
    questions = [sentence for sentence in sentences if sentence.endswith("?")]
    for sentence in questions[-1:] or sentences[-1:]:
        for expected, pattern in _PATTERNS:
            if pattern.search(sentence) is not None:
                return expected
    return None

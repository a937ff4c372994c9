"""What somebody would like, said beside everything else: to be asked nothing, to ask first, to bring somebody along, to be
called later."""

import re
from typing import Final

_NO_QUESTIONS: Final = re.compile(
    r"\b(?:stop|quit|enough) (?:(?:with|of|the|all|these|your|asking|me|those) )*questions?\b"
    r"|\bstop (?:asking|interrogating|quizzing)(?: me| us)?$|\byou(?:re| are)? (?:ask|asking) (?:too|so) many questions?\b"
    r"|\bwhy (?:so|that|this) many questions\b"
)
"""Of the agent's. What customers ask so much is a need, and "no more questions" says that all are answered."""

_NO_BUYER: Final = re.compile(
    r"\b(?:im|i am) (?:just |only |actually |really )*an? (?:\w+ )?(?:student|journalist)"
    r"(?=$| (?:at|from|in|and|doing|writing|who|so|but|here)\b)"
    r"|\bfor (?:a|my|our|this) (?:school|university|college|class|homework|thesis)(?: (?:project|paper|assignment|work))?$"
    r"|\b(?:im|i am) (?:\w+ )?(?:looking|applying) for (?:a |an )?(?:\w+ )?(?:job|internship)$"
)

_ANNOUNCES: Final = re.compile(
    r"(?:(?:hi|hello|hey|yes|yeah|so|ok|okay|actually|oh|well|um|no|wait|sorry|first) )*(?:i|we) (?:just |only |also |still |do )*"
    r"(?:have|had|got|ve got) (?:just |a |some |another |one |two |few |quick |more |couple of |little )*questions?"
    r"(?: (?:first|please|though|for you|about (?:it|that|this)))*|(?:(?:and|so|ok|okay|hi|hello) )*(?:can|could|may) i"
    r" ask (?:you )?(?:something|a (?:quick )?question|one (?:more )?thing)(?: (?:first|please))*"
)


_LOOKS: Final = re.compile(
    r"(?:(?:no|nah|oh|well|um|yeah|ok|okay|really|im|i am|were|we are|actually|honestly|at the moment|right now) )*"
    r"(?:just|only|simply) (?:\w+ )?(?:looking|browsing|curious|having a look|checking (?:it|this|you|things) out)"
    r"(?: (?:around|really|for now|at the moment|right now|actually|so far|thanks|thank you|to be honest))*"
)


_ADDS_GUEST: Final = re.compile(
    r"\b(?:add|invite|include|cc|copy|bring|loop in) (?:in )?(?:my |our |the |also |a )*(?:\w+ )?(?:boss|colleagues?|manager|partner"
    r"|team|wife|husband|assistant|coworker|co founder|cofounder|ceo|cfo|cto|vp|him|her|them|someone|somebody)\b"
    r"|\b(?:can|could|will|should) (?:my |our )(?:\w+ )?(?:boss|colleagues?|manager|partner|team|wife|husband|assistant|coworker|ceo"
    r"|cfo|cto|vp|brother|sister|father|mother|son|daughter|husband|wife|lawyer|accountant|friend)(?: [\w@]+){0,6}? (?:join|come|be there|attend)\b"
)


def adds_guest(plain: str) -> bool:
    """Whether somebody else is to come as well."""
    return _ADDS_GUEST.search(plain) is not None


_CHANGES_NUMBER: Final = re.compile(
    r"\b(?:chang\w+|switch\w*|mov\w+|port\w*|keep) (?:my|our|the) (?:phone )?(?:number|provider|line|system)s?\b"
)


def changes_number(plain: str) -> bool:
    """Whether it is about another telephone number, and not about another time."""
    return _CHANGES_NUMBER.search(plain) is not None


_WANTS_TEXT: Final = re.compile(
    r"\b(?:text|sms|whatsapp) (?:(?:it|that|them|this) to )?(?:me|us)\b"
    r"|\b(?:send|shoot|drop) (?:me|us) (?:\w+ ){0,3}(?:text|sms|whatsapp)\b"
    r"|\b(?:send|contact|reach|tell) (?:\w+ ){0,6}(?:by|via|over|on|through|as|in) (?:an? )?(?:text|sms|whatsapp)\b"
)


def wants_text(plain: str) -> bool:
    """Whether something is to be sent to their telephone, which nobody here can."""
    return _WANTS_TEXT.search(plain) is not None


_BY_PHONE: Final = re.compile(
    r"\byou (?:already |do |should |must |guys )*(?:have|ve got|got) (?:my|our) (?:phone |mobile |cell )?number\b"
    r"|\b(?:use|call (?:me |us )?(?:on|at)|ring (?:me |us )?on|reach (?:me |us )?on) this (?:number|phone|line)\b"
    r"|^(?:(?:yes|yeah|yep|ok|okay|sure|just|no) )*(?:(?:at|on) )?this (?:number|phone|line)(?: (?:is|s|works|will do|please"
    r"|fine|good|best|ok|okay|the))*$"
)


def points_to_number(plain: str) -> bool:
    """Whether they are to be reached on the number they are called on."""
    return _BY_PHONE.search(plain) is not None


_PRICE: Final = re.compile(
    r"\bhow much(?:$| (?:is|does|do|would|will) (?:it|this|that|you|your \w+)\b)"
    r"|\bwhat (?:does|do|would|will) (?:it|this|that|you) (?:cost|charge)\b"
)


def asks_price(plain: str) -> bool:
    """Whether it asks so plainly what it costs that nothing around it matters."""
    return _PRICE.search(plain) is not None


_NEW_ONE: Final = re.compile(
    r"\b(?:can|could|may) (?:i|we) (?:please |then |also )*(?:book|schedule|arrange|make|have|get|set up) (?:a |an )?(?:new|another"
    r"|different) (?:one|meeting|call|demo|appointment|time|slot)\b"
)


def wants_new_meeting(plain: str) -> bool:
    """Whether they ask for one in place of one that is off."""
    return _NEW_ONE.search(plain) is not None


_CALL_BACK: Final = re.compile(
    r"\b(?:call|ring|phone) (?:(?:me|us) )?(?:back )?(?:again )?(?:in|after) (?:about )?(?:an?|one|two|three|half|ten"
    r"|fifteen|twenty|thirty|\d+)(?: \w+)? (?:hours?|minutes?|mins?)\b"
    r"|^(?:(?:please|just|can you|could you) )*(?:call|ring|phone) (?:(?:me|us) )?back\b"
)


def wants_call_back(plain: str) -> bool:
    """Whether somebody wants to talk, and not now."""
    return _CALL_BACK.search(plain) is not None


def only_looks(plain: str) -> bool:
    """Whether somebody looks around, and has nothing to buy yet."""
    return _LOOKS.fullmatch(plain) is not None


def announces_question(plain: str) -> bool:
    """Whether a question is to come, and nothing else was said."""
    return _ANNOUNCES.fullmatch(plain) is not None


def wants_no_questions(plain: str) -> bool:
    """Whether somebody is tired of being asked."""
    return _NO_QUESTIONS.search(plain) is not None


def is_no_buyer(plain: str) -> bool:
    """Whether somebody says that they will not buy, whatever they are told."""
    return _NO_BUYER.search(plain) is not None

"""Which objection a text is, of the ones a sales conversation meets every day."""

import re
from typing import Final, Literal

Objection = Literal[
    "not_interested",
    "too_expensive",
    "has_vendor",
    "no_time",
    "send_email",
    "think_about_it",
    "suspicious",
    "number_source",
    "wrong_person",
    "dislikes_ai",
    "no_fit",
    "unconvinced",
    "general",
]
"""``general``: pushing back in none of the usual ways."""

_WORDS: Final[tuple[tuple[Objection, str], ...]] = (
    (
        "number_source",
        r"\b(?:how|where)(?:d| did| do| have| had) (?:you|u|they)(?: \w+)? (?:get|got|find|found|obtain)\b.{0,24}"
        r"\b(?:number|name|contact|info|information|details|email)\b|\bwho gave you (?:my|this|our)\b"
        r"|\b(?:i|we) (?:didnt|did not|never|havent) (?:\w+ )?(?:sign(?:ed)? up|ask(?:ed)?|request(?:ed)?|subscribed?|fill(?:ed)?|register(?:ed)?)\b(?! (?:me|us|you|him|her|them)\b)"
        r"|\bwhy are you calling (?:me|us)\b|\bdid (?:i|we) (?:ever )?(?:fill|sign up|register|ask for|request)\b",
    ),
    (
        "suspicious",
        r"\b(?:scam|scams|scammer|fraud|phishing|spam(?! (?:calls|callers|filter|folder|likely))|con artist|rip ?off"
        r"|legit|legitimate)\b|\bdont trust\b"
        r"|\btoo good to be true\b",
    ),
    (
        "wrong_person",
        r"\b(?:not|isnt|arent) (?:the )?(?:right|correct) (?:person|one|guy|department)\b|\bwrong (?:person|guy"
        r"|number|department|one|woman|man)\b|\b(?:dont|do not) (?:handle|deal with|do the|make (?:those|these|that"
        r"|the|such)) (?:that|this|these|those|purchas\w+|kind|decisions?|software)"
        r"|\bnot my (?:department|area|job|responsibility|decision)\b|\b(?:talk|speak) to (?:someone"
        r"|somebody) else about\b|\b(?:no longer|doesnt|does not) works? here\b",
    ),
    (
        "send_email",
        r"(?<!it )(?<!they )\b(?:send|email|e mail|mail|shoot|drop|forward) (?:me|us|it|that|over|something"
        r"|some)\b.{0,30}\b(?:email"
        r"|e mail|mail|info|information|details|writing|brochure|material|materials|documentation|link|over"
        r"|something|look)\b|\b(?:email|mail|text|sms|message) (?:me|us)\b|\b(?:put|have) (?:it|that|this|something) in (?:an email"
        r"|writing)\b|\bsend (?:me|us|over) (?:an? )?(?:email|info|information|details|something|brochure"
        r"|literature)\b|\b(?:get|have|need|want|like|see) (?:that|this|it|something|everything) in writing\b"
        r"|\b(?:just|only) send (?:over )?(?:the |some )?(?:info|information|details|something|pricing)\b"
        r"|(?<!it )(?<!they )\bsend (?:me|us|over) (?:a|an|the|your) (?:quote|pricing|prices|proposal|offer|contract"
        r"|deck|pdf|brochure"
        r"|price list|papers?|details)\b|\b(?:but|only|just) (?:an )?(?:e ?)?mail(?: is (?:fine|ok|okay"
        r"|better))?(?: please)?$",
    ),
    (
        "think_about_it",
        r"\bthink (?:about|it over|this over|on it|it through)\b|\bsleep on it\b|\btalk it over\b|\b(?:ask"
        r"|check with|talk to|speak to|speak with|run (?:it|this|that) (?:by|past)"
        r"|clear (?:it|this) with|discuss (?:it|this) with|consult) (?:my|our|the) (?:boss|manager|partner|team"
        r"|wife|husband|director|ceo|cfo|board|owner|supervisor|cofounder"
        r"|co founder|head|colleagues?|it)\b|\b(?:get|come) back to you\b|\blet you know\b|\bdiscuss (?:it"
        r"|this) internally\b|\bneed (?:some|more|a little) time\b",
    ),
    (
        "too_expensive",
        r"\b(?:too|so|very|pretty|really|kind of|quite|way too|bit) (?:expensive|pricey|much|high|steep|costly)\b"
        r"|\bcant afford\b|\bcannot afford\b|\b(?:lot|lots) of money\b|\bout of (?:our|my|the) (?:price range"
        r"|budget)\b|\bover (?:our|my) budget\b|\b(?:is|its|thats) (?:expensive|pricey|steep|costly)\b"
        r"|\b(?:more|higher|pricier) than (?:i|we) (?:had )?(?:thought|expected|hoped|planned|budgeted|wanted to (?:spend|pay))\b"
        r"|\bcheaper\b|\bbudget (?:is|was|got) (?:cut|frozen|gone|tight|spent)\b|\bdont have (?:the|that kind of"
        r"|that much) (?:money|budget)\b|\bnot in (?:the|our) budget\b",
    ),
    (
        "has_vendor",
        r"\b(?:have|got) (?:a guy|a girl|a person|someone|somebody|people|a team|staff|a service|a company) (?:for|doing|who does"
        r"|that does) (?:that|this|it|all that)\b|\balready (?:have|has|use|using|got|work|working|pay|paying|covered|signed|with)\b|\b(?:happy|fine"
        r"|satisfied|good|set|content) with (?:what|our|the|who|how|them|it)\b"
        r"|\b(?:locked in|under contract|in a contract|tied up|locked into)\b|\bsigned (?:with|up with"
        r"|a contract)\b|\bjust (?:signed|bought|renewed|switched)\b"
        r"|\b(?:have|got) (?:someone|somebody|a (?:vendor|provider|company|supplier|system|solution|tool)) (?:for"
        r"|doing|that does|who does|already)\b|\b(?:in house|ourselves)\b.{0,10}$|\b(?:we|i) (?:are"
        r"|re) with \w+ (?:now|already|right now)\b",
    ),
    (
        "no_time",
        r"\b(?:dont|do not|no|not|havent) (?:have |got |really have )?(?:any |the |much |enough )?time\b"
        r"|(?<!when were )(?<!when we are )(?<!when im )(?<!when i am )(?<!while were )(?<!while we are )(?<!while im )"
        r"(?<!because were )(?<!if were )(?<!when theyre )(?<!when they are )\bbusy\b(?! (?:season|period|hours|signal|tone|lines?)\b)"
        r"|\bbad time\b|\bnot a good (?:time|moment)\b|\bin (?:the|a) (?:middle|meeting)\b"
        r"|\bcant (?:talk|speak)\b|\bcall (?:me|us) (?:back |again )?(?:later|another time|some other time)\b"
        r"|\b(?:im|i am) (?:driving|at work|with a customer|in a rush|in a hurry)\b"
        r"|\bgot to run\b|\banother (?:call|meeting)\b|\bwalking into a meeting\b|\bno time\b|\bnot now\b",
    ),
    (
        "dislikes_ai",
        r"\b(?:hate|dont like|do not like|cant stand|dont want)\b.{0,24}\b(?:robots?|bots?|machines?|ai|automated"
        r"|computers?)\b",
    ),
    (
        "not_interested",
        r"\bnot (?:\w+ )?(?:interested|looking|in the market|a fit|a priority|relevant|something we)\b"
        r"|\bno interest\b|\bi (?:already )?(?:said|told you) no\b|\bno means no\b|\b(?:dont|do not) (?:\w+ )?(?:need"
        r"|want|see the|see a|see why|believe)\b"
        r"|\b(?:im|were|we are|i am) (?:\w+ )?(?:all set|good|fine|covered)\b|\bno thanks\b|\bno thank you\b"
        r"|\bnot for (?:me|us)\b|\bwast(?:e|ing) (?:my|your) time\b|\bhate (?:cold|sales|these) calls\b"
        r"|\bnot (?:right now|at this time|at the moment|this year)\b|\b(?:next|another) (?:year|time) maybe\b"
        r"|\bmaybe next year\b|\bill pass\b|\btoo small\b|\bdoesnt interest\b",
    ),
    (
        "no_fit",
        r"\b(?:deal ?breaker|show ?stopper|non ?starter)\b|\bno go\b|\brules (?:it|you|this) out\b"
        r"|\b(?:cant|cannot) use (?:it|you|this) then\b",
    ),
    ("unconvinced", r"\bnot (?:\w+ )?(?:convinced|sold on)\b|\bs[ck]eptical\b|\bhard to believe\b|\bnot buying it\b"),
    ("general", r"\b(?:that|which|this) (?:wont|doesnt|isnt going to) work for (?:me|us)\b"),
)

STATED: Final[frozenset[Objection]] = frozenset({"send_email", "number_source"})
"""Whose words are clear enough, whatever else the text seems to be."""

_PATTERNS: Final = tuple((objection, re.compile(pattern)) for objection, pattern in _WORDS)


def find_objection(plain: str) -> Objection | None:
    """The objection in a text; ``plain``: lower case, no punctuation or apostrophes, single spaces."""
    for objection, pattern in _PATTERNS:
        if pattern.search(plain) is not None:
            return objection
    return None

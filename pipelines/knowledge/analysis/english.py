"""English: words without endings, synonyms under one name, everyday words left out."""

import re
from functools import lru_cache
from typing import Final

from pipelines.knowledge.analysis.analyzer import Analyzer

_WORD: Final = re.compile(r"[^\W_]+")

_STOP_WORDS: Final = frozenset(
    """
    a an the i me my mine we us our ours you your yours he him his she her it its they them their this that these those
    there here is are was were be been being am do does did doing done have has had having can could will would shall
    should may might must and or but if then so than as of at by for from in into on onto to with about over under
    out up down off not no nor only own same too very just what which who whom whose when where why how all any both
    each few more most other some such again also ever even still yet let lets please tell want know like need get got
    go going say said thing things something anything guys guy exactly actually really kind sort way ok okay yeah yes
    um uh well hey hi hello thanks thank one im ive id dont doesnt isnt cant wont whats thats hows gonna wanna much many
    lot bit use using used work works working offer offers provide give make makes think wondering curious question
    product products service services software platform tool tools solution system systems app old new big good best
    great nice possible soon quickly fast quick special about per anyone someone something before after while between
    wheres whos whens whys theres anytime whenever always anybody somebody nobody asks asked hire hiring
    fine alright else happens happen share shared sharing show true right now already today take hm hmm huh policy
    mostly mainly youre theyre weve youve theyve existing current currently help handle handles month months year years
    """.split()
)

_SYNONYM_LINES: Final = """
price: prices pricing priced cost costs costing costly charge charges charged rate rates fee fees expensive cheap
price: cheaper cheapest pricey affordable quote bill billing billed dollars money subscription pay paid paying payment
price: tariff spend
plan: plans tier tiers package packages edition editions level levels
integrate: integration integrations integrates integrated connect connects connected connection sync syncs plug hook
integrate: compatible interface
crm: crms
secure: security safe encrypted encryption encrypt certified certification certifications soc soc2 audit audited iso
privacy: gdpr hipaa compliant compliance dpa
language: languages speak speaks english spanish german french italian portuguese chinese japanese multilingual dutch
language: arabic hindi urdu korean russian polish turkish swedish danish norwegian finnish greek
language: hebrew mandarin cantonese
setup: onboarding onboard implementation implement install installation configure configuration live start started
setup: starting begin running rollout deploy
contract: contracts commitment term terms cancel cancelled cancellation canceled quit minimum lock locked agreement
contract: renew binding
refund: refunds refunded
support: helpdesk assistance maintenance
trial: try free test testing pilot sandbox evaluate
data: information records
retention: kept keep keeps save saved retain delete deleted deletion erase
store: stored storing stores storage hosted hosting host located reside resides residency
europe: european europeans eu
second: seconds latency delay delays lag lags
night: nights midnight overnight weekend weekends holiday holidays 1am 2am 3am 4am 5am 11pm evening evenings
meeting: meetings appointment appointments
own: owns owned owner owners ownership belong belongs
number: numbers
port: porting ported
record: recorded recording recordings tape taping taped
legal: law laws lawful legally regulation regulations allowed illegal consent tcpa dnc
person: human people colleague rep representative
transfer: handoff escalate escalated escalates forward forwarding route routed hand
robot: robots robotic bot bots chatbot chatbots ai machine artificial assistant
user: users seat seats license licenses
discount: discounts deal reduction upfront nonprofit nonprofits startup startups annual annually yearly
customer: customers patients guests clients client industries industry references companies users
different: others competition rivals
different: difference differ replace replaces replacing compare comparison competitor competitors better versus
different: alternative alternatives unique
api: apis webhook webhooks documented docs developer developers rest sdk
voice: voices accent accents sound sounds sounding natural
report: reports reporting analytics dashboard dashboards metrics statistics transcript transcripts
uptime: reliability reliable outage outages downtime sla availability
call: calls calling caller callers phone dial dialing telephone
outbound: cold outreach
simultaneous: multiple simultaneously capacity concurrent concurrently parallel once
company: founded office headquarters based behind founder
text: sms texting texts message messages
know: answer answers mistake mistakes wrong
"""
_SYNONYMS: Final = {
    word: line.split(":")[0] for line in _SYNONYM_LINES.strip().splitlines() for word in line.replace(":", "").split()
}

_SHORTEST_STEM: Final = 4


@lru_cache(maxsize=8192)
def term(word: str) -> str:
    """A lower-case word's term; "" for an everyday word. Synonyms come before endings, so both forms meet."""
    if word in _STOP_WORDS:
        return ""
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    stem = _stem(word)
    return _SYNONYMS.get(stem, stem)


def _stem(word: str) -> str:
    """Without the endings of English plurals, verbs and adverbs, and without a last "e", so that they all meet."""
    if word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed", "ly", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
    return word


_SAID_OF_ANY: Final = frozenset({"compliant", "compliance"})
"""Of every law and standard, and so special to none."""


def is_special(word: str) -> bool:
    """Whether a lower-case word is one of several that share a term without being its name: "hipaa" of privacy."""
    return word in _SYNONYMS and word not in _SAID_OF_ANY and _stem(_SYNONYMS[word]) != _stem(word)


_SAID_OF_PRICE: Final = re.compile(
    r"\bhow much (?=(?:is|are|does|do|would|will|for|per|a|an|it|that|this)\b)|\bhow much$"
    r"|\bwhat(?:s| is| would| will| does|ll|d) (?:it|this|that|we)(?: gonna| going to| all)? (?:run|set) (?=me\b|us\b)"
    r"|\bper (?=\w+ or (?:per|by) \w+)"
)
"""Asks for a price without a word that names one."""
_TAKES_PAYMENTS: Final = re.compile(r"\b(?:it|agent|ai|bot) (?:also )?(?:take|process|collect) (?:\w+ )?payments?\b")
"""What it does for who has it, and not how they pay for it."""
_GOES_DOWN: Final = re.compile(r"\b(?:go|goes|going|went) down\b")
_SIGNS: Final = re.compile(r"\bsign(?:ed|ing)? (?=(?:an?|any|the|your)\b)")
"""Says nothing beside what is signed."""


def terms(text: str) -> list[str]:
    """The text's terms in order, repeats kept."""
    lowered = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("'", "").replace("set up", "setup")
    lowered = _GOES_DOWN.sub("outage", _SAID_OF_PRICE.sub("price ", lowered))
    words = _WORD.findall(_SIGNS.sub("", _TAKES_PAYMENTS.sub("cashier", lowered)))
    if any(is_special(word) for word in words):
        words = [word for word in words if word not in _SAID_OF_ANY]
    return [found for word in words if (found := term(word))]


_PLAIN: Final = {
    **dict.fromkeys(("does", "did", "doing"), "do"),
    **dict.fromkeys(("is", "are", "s", "re"), "be"),
    **dict.fromkeys(
        ("you", "this", "that", "product", "service", "software", "platform", "tool", "thing", "yours"), "it"
    ),
    **dict.fromkeys(("the", "a", "an", "your", "exactly", "guys", "please", "so", "and", "then", "me"), ""),
}


def shape(text: str, subject: str) -> frozenset[str]:
    """The everyday words of a question, with the subject and its stand-ins as ``it``: all there is of "what do you
    do?"."""
    lowered = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("'", " ")
    if subject:
        lowered = lowered.replace(subject.lower(), " it ")
    return frozenset(found for word in _WORD.findall(lowered) if (found := _PLAIN.get(word, word)))


ANALYZER: Final = Analyzer("en", terms, shape, _STOP_WORDS)

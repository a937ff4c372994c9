"""What must not be missed and must not be misheard: rules that come before the model.

A request not to be called again has legal force, so it is found by what it says, wherever it stands in the text, and
before everything else; a wish for a person and the question whether one talks to a machine come next. Each rule is a
set of phrasings and a set of readings that look alike and mean something else ("don't stop", "I'm not asking you to
stop calling", "how does it deal with people who say stop calling me"). Patterns see lower-case words without
punctuation and apostrophes, with single spaces between.
"""

import re
from typing import Final

from pipelines.intent.labels import IntentLabel

_US: Final = (
    r"(?:me|us|(?:this|our|my) (?:number|phone|cell|mobile|house|home|office|line|company|business|shop|desk"
    r"|extension))"
)
_CONTACT: Final = r"(?:call|phone|ring|contact|text|email|dial|message|bother|harass|bug|pester)"
_CONTACTING: Final = (
    r"(?:calling|phoning|ringing|contacting|texting|emailing|dialing|messaging|bothering|harassing|bugging|pestering)"
)
_KIND: Final = r"(?:sales |phone |marketing |spam |cold )*"
_LIST: Final = r"(?:lists?|database|system|records|registry|files?)"
_OTHERS: Final = (
    r"(?:people|persons?|callers?|customers?|clients?|prospects?|leads?|users?"
    r"|someone|somebody|anyone|anybody|they|he|she)"
)
_AGAIN: Final = r"(?:again|anymore|any more)"
_LATER: Final = (
    r"(?! (?:on|at|before|after|tomorrow|today|tonight|until|during|while|with|when|about|this \w+day"
    r"|back (?:on|at|before|after|tomorrow|later))\b)"
)
_POLITE: Final = r"(?:please |yes |ok |okay |then |just |kindly |so |and |now |can you |could you |would you )*"

_OPT_OUT: Final = (
    # The verb: stop calling, don't ever call me again, I don't want you to call, if you call once more.
    rf"\b(?:stop|quit|cease|desist from|cease and desist) {_CONTACTING}\b"
    rf"(?! (?:{_OTHERS}|my|our|your|the|her|him|them)\b(?! (?:number|phone|office)))",
    rf"\b(?:dont|do not|never|not to)(?: you)?(?: ever| dare)? {_CONTACT} (?:{_US}|here)(?: ever| back)*"
    rf"(?: (?:{_AGAIN}|please|(?:at|on) this number)|$)",
    rf"\b(?:dont|do not|never|not to)(?: you)?(?: ever)? {_CONTACT} (?:{_US} |here )?{_AGAIN}\b",
    r"\b(?:dont|do not) want (?:you |your company |you people |you guys |anyone |anybody )?(?:to |to be |to get "
    r"|being )?"
    rf"(?:{_CONTACT}|called|contacted|{_CONTACTING})(?: {_US}| here| by you)?{_LATER}(?: {_AGAIN}| please|$"
    rf"| from you| by)",
    r"\b(?:dont|do not|no longer) want (?:to (?:get|receive|have) )?(?:any |more |your |these |those )*"
    rf"{_KIND}(?:calls|robocalls|texts|messages|emails)(?: from (?:you|your)\b| {_AGAIN}| please|$)",
    rf"\bif you (?:people |guys )?(?:ever )?{_CONTACT}(?: {_US}| here)? (?:again|(?:one|once|another) (?:more|time))\b",
    rf"\bno more {_KIND}calls\b(?! (?:get|are|were|will|to))",
    r"\b(?:stop|enough|quit)(?: it)? (?:with )?(?:the|these|those|your|all|all these|making|sending)(?: \w+)? "
    r"(?:calls|calling|robocalls)\b",
    rf"\b(?:would|could|can|will) you (?:please |kindly )?not (?:call|ring|phone"
    rf"|contact)(?: {_US})?(?: here)?(?: {_AGAIN}|$)",
    # The list: take me off it, put me on the do-not-call one.
    rf"\b(?:take|remove|delete|strike|drop|get|pull|scratch) (?:{_US}|my (?:name|info|information|details|contact)"
    rf"|our (?:name|details)|the number|it)(?: \w+){{0,2}} (?:off|from|form|out of)(?: \w+){{0,3}} {_LIST}\b",
    rf"^{_POLITE}(?:take|remove|drop) (?:me|us|my number|our number|my name)(?: off| please| then| now)*$",
    rf"\b(?:put|add|place|register|have) (?:{_US}|my name)(?: \w+)? (?:on|to|in)(?: \w+){{0,2}} "
    r"(?:do not call|dont call|no call|dnc)\b",
    r"\b(?:im|i am|were|we are|number is|phone is|are) (?:already )?(?:on|in|registered (?:on|with)) (?:the |a )?"
    r"(?:national |state )?(?:do not call|dnc)\b",
    r"\b(?:like|want|wish|wanted|asked|ask|asking|need|demand) (?:\w+ ){0,2}(?:to be|my number|our number|me) "
    r"(?:removed|taken off|deleted|off)\b(?: (?:from|of|off|your|the|this|my|that|list|please)\b| *$)",
    rf"\b(?:get|have|be) (?:removed|taken|deleted|off)(?: off)? (?:from |off |of )?(?:your|this|that"
    rf"|whatever) (?:\w+ )?{_LIST}\b",
    # The formal words.
    r"^(?:please |stop |now )*(?:unsubscribe|opt (?:me |us )?out|do not (?:call|contact)|dont call|cease and desist)"
    r"(?: me| us| now| please| list| here)*$",
    r"\b(?:i|we|id|me|us|my|wed|im)\b(?: \w+){0,4} (?:unsubscribed?|opt(?:ing|ed)? (?:me )?out)\b",
    r"\b(?:unsubscribe|opt) (?:me|us)\b",
    r"\b(?:revoke|withdraw|take back)(?: \w+)? (?:consent|permission)\b",
    rf"\b(?:dont|do not|never|didnt|did not) (?:have |had |give you )?(?:my |any )?permission to {_CONTACT}\b",
    # The number, and peace.
    r"\b(?:lose|delete|erase|forget|remove) (?:my|this|our) (?:phone )?(?:number|contact)\b(?! and (?:send|give))",
    r"\bleave (?:me|us|my family|my mother) (?:alone|in peace)\b",
)

_NOT_OPT_OUT: Final = (
    # Said not to be asked: "I'm not asking you to stop", "don't stop", "please don't take me off". Stands before a
    # match. "You never stop calling" and "if you don't stop" do ask.
    r"(?<!you )(?<!they )(?<!why )\b(?:dont|do not|not|never|didnt|wont|isnt|wasnt)"
    r"(?: (?:want|asking|ask|saying|say|telling|tell|said|mean|meaning|meant|intend|going|trying))?"
    r"(?: (?:you|you guys|for you|to|that|i|me|anyone))*$",
    r"\bwhy (?:did|have|would|do) (?:you|they|we|he|she)(?: \w+)?$",
    r"\b(?:(?:dont|do not|wouldnt|would not) (?:mind|care)|fine|okay|happy|glad|nice|great|good)$",
    # Said by somebody else, or to somebody else.
    r"\b(?:he|she|it)$",
    rf"\b{_OTHERS}\b(?: \w+){{0,5}} (?:say|says|said|saying|tell|tells|told|telling|ask|asks|asked|asking|wants?|wanted"
    r"|can|could|to)\b(?! you)(?: \w+){0,4}$",
    r"\b(?:mother|mom|dad|father|brother|sister|friend|boss|doctor)\b (?:told|asked)(?! you)(?: \w+){1,3} (?:not )?to$",
    rf"\b(?:can|could|do|does|may|will|would|let|lets|allow|how|what if|when) (?:the )?{_OTHERS}(?: \w+){{0,4}}$",
    r"\b(?:how|what|does|can) (?:does |do |would )?(?:it|this|(?:the|your) (?:bot|agent|ai|system))\b.*$",
)

_A_PERSON: Final = (
    r"(?:(?:a|an|the|your|some|another|one of your|actual|real|live|different|other|sales|support|human) )*"
    r"(?:person|people|humans?|human being|representative|rep|agent|operator|manager|supervisor"
    r"|someone|somebody|anyone|anybody|colleagues?|boss|customer service)"
)
_LET_ME: Final = (
    r"(?:let me|can i|could i|may i|i want to|i wanna|i need to|id like to|i would like to|id rather|id prefer to"
    r"|i demand to|is there (?:anyone|someone|anybody|somebody)(?: there)? (?:\w+ )?i can(?: actually)?)"
)

_WANTS_PERSON: Final = (
    r"^(?:please |just |yes |no |i want |i need |give me |get me )*(?:a |an |the )?(?:real |live |actual )?"
    r"(?:person|human|human being|representative|operator|agent|customer service)(?: please| now)*$",
    rf"\b{_LET_ME} (?:just )?(?:speak|talk|chat|deal)(?: (?:to|with) {_A_PERSON}\b(?! (?:about|regarding) my)| with$)",
    rf"\b(?:get|give|bring|pass) me (?:to )?{_A_PERSON}\b(?! (?:who|that|to))",
    r"\b(?:put|patch|pass|transfer|connect|hand) me (?:on |over |through )*(?:to|with) (?:a|an|the|your|some|one)\b"
    r"(?! (?:uber|taxi|cab|list|do not))",
    rf"^{_POLITE}(?:transfer|connect) me(?: now| please| through| over)*$",
    r"\bput me through\b",
)

_NOT_WANTS_PERSON: Final = (
    r"\b(?:dont|do not|not|never|didnt|no need to|rather not)(?: (?:want|need|have|like))?(?: (?:to|you to))?$",
)

_A_MACHINE: Final = (
    r"(?:(?:a|an|the|just|even|really|actually|one of those|some|kind of|like|talking to|real|live|actual|automated"
    r"|computer|ai|voice) )*(?:bot|robot|robo ?call|chatbot|chat ?gpt|gpt|ai|a i|machine|computer|human|human being"
    r"|person|(?<!you )(?<!this )(?<!it )(?<!call )recording|automated|artificial intelligence|real|alive"
    r"|virtual assistant)"
)

_ARE_YOU_A_BOT: Final = (
    rf"(?<!old )\b(?:are|r) (?:you|u) (?:\w+ )?{_A_MACHINE}"
    r"(?: (?:or|then|right|by the way|person|being|call|voice|caller|assistant|though|too|mate|please)\b|$)",
    rf"\bam i (?:\w+ )?(?:talking|speaking|chatting) (?:to|with) {_A_MACHINE}\b",
    rf"\bis (?:this|that|it) (?:\w+ )?{_A_MACHINE}"
    r"(?: (?:or|calls?|message|voice|person|system|talking|speaking|calling|line)\b|$)",
    r"\b(?:youre|you are|ur) not (?:a |an )?(?:real|human|actual|live)(?: person| human| being)*(?: are you| right)*$",
    r"\b(?:called|contacted|phoned) by (?:a|an) (?:ai|bot|robot|machine|computer)\b",
    r"\byou sound(?: \w+)? like a (?:robot|machine|computer|recording|bot)\b",
)


class Rule:
    """A label, the words without which its patterns cannot match (a quick look), the patterns, and what only looks
    alike."""

    def __init__(
        self, label: IntentLabel, mention: str, patterns: tuple[str, ...], lookalikes: tuple[str, ...]
    ) -> None:
        self.label = label
        self.mention = re.compile(mention)
        self.pattern = re.compile("|".join(patterns))
        self.lookalike = re.compile("|".join(lookalikes)) if lookalikes else None


_RULES: Final = (
    Rule(
        "opt_out",
        r"call|phon|ring|contact|text|email|dial|messag|bother|harass|bug|pester|peace|list|database|system|record|registry|file|dnc"
        r"|subscribe|opt|remove|delete|taken|off|consent|permission|number|alone|take|drop|cease",
        _OPT_OUT,
        _NOT_OPT_OUT,
    ),
    Rule(
        "wants_person",
        r"person|people|human|rep|agent|operator|manager|supervisor|some|any|colleague|boss|service| me|speak|talk",
        _WANTS_PERSON,
        _NOT_WANTS_PERSON,
    ),
    Rule(
        "are_you_a_bot",
        r"bot|robo|gpt|\bai?\b|machine|computer|human|person|record|automated|artificial|real|alive|assistant|live",
        _ARE_YOU_A_BOT,
        (),
    ),
)

_DONT_STOP: Final = re.compile(
    r"(?<!you )(?<!they )(?<!why )\b(?:dont|do not|never|cant|not (?:asking|telling) you to) stop\b"
)

_NOT_THEN: Final = re.compile(
    rf"\b(?:dont|do not|never) {_CONTACT}(?: me| us)? (?:on|at|before|after|tomorrow|today|tonight|until|during"
    rf"|while|when|the|it|this)\b"
)
"""Not at that time, or not that thing: "don't call me before ten", "don't email me the invoice"."""

_NOT_TO_RECORD: Final = re.compile(r"\b(?:record|tape)(?:ed|ing|d)? (?:me|us|this|it|my|the|our)\b")
_IF_IT_RECORDS: Final = re.compile(
    r"\b(?:are you|youre|are we|is (?:this|the|my|it)(?: call)?)(?: being)? record(?:ing|ed)\b"
)
_WHO_COMES: Final = re.compile(r"\bwho(?: else)? (?:will|would|do|am|is) (?:i|we|going to|be)\b")
"""A question about a meeting, and no wish for a person now: "who will I talk to?"."""

_IF_CALLERS_KNOW: Final = re.compile(
    r"\b(?:do|does|will|would|can|did) (?:(?:the|my|our|your) )?"
    r"(?:patients|customers|callers|people|clients|leads|prospects|guests|they)\b.{0,20}"
    r"\b(?:know|tell|notice|realize|realise|hear|find out)\b"
)
"""A question about the product: "do patients know they're talking to a robot?"."""

_ASKS_IF_IT_TRANSFERS: Final = re.compile(
    r"\b(?:can|could|does|will|would) (?:it|(?:the|your) (?:ai|bot|system|software)) (?:also |even |automatically )?"
    r"(?:escalate|transfer|hand|pass|route|forward|connect|put)\b(?! me\b)"
)
"""A question about the product: "can it escalate to a human?"."""

_NO_RULED_OUT: Final[frozenset[IntentLabel]] = frozenset()


def ruled(plain: str) -> tuple[IntentLabel | None, frozenset[IntentLabel]]:
    """The label the rules are sure of, if any, and labels they rule out because the text only looks like them."""
    ruled_out = _NO_RULED_OUT
    if "stop" in plain and _DONT_STOP.search(plain) is not None:
        ruled_out |= {"wait", "opt_out"}
    if _NOT_THEN.search(plain) is not None or _NOT_TO_RECORD.search(plain) is not None:
        ruled_out |= {"opt_out"}
    if _IF_IT_RECORDS.search(plain) is not None or _IF_CALLERS_KNOW.search(plain) is not None:
        ruled_out |= {"are_you_a_bot"}
    if _WHO_COMES.search(plain) is not None or _ASKS_IF_IT_TRANSFERS.search(plain) is not None:
        ruled_out |= {"wants_person"}
    for rule in _RULES:
        if rule.mention.search(plain) is None:
            continue
        for match in rule.pattern.finditer(plain):
            if rule.lookalike is None or rule.lookalike.search(plain[: match.start()].rstrip()) is None:
                return rule.label, ruled_out
            ruled_out |= {rule.label}
    return None, ruled_out

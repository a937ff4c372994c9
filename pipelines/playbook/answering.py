"""What the caller asks, answered: about the call itself in a word, about the product from the knowledge."""

import re
from typing import Final

from pipelines.call_audio.wish import refuses_recording
from pipelines.intent.answers import is_question
from pipelines.intent.classifier import plain_words
from pipelines.playbook.acknowledging import booked, listed
from pipelines.playbook.answers import first_sentence
from pipelines.playbook.moves import Move, Surroundings
from pipelines.playbook.signs import says
from pipelines.playbook.slots import spoken_clock
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")
_NEXT_QUESTION: Final = re.compile(
    r"[?.;]+\s+(?:(?:and|also|then|plus|oh),? )*|,?\s*\b(?:one|two|three|first|second|third|firstly|secondly|thirdly|a|b)[,:)]\s+"
    r"|,? (?:and|also|plus)(?: also| then)? (?=(?:do|does|is|are|can|could|how|what|which|will|where|when)\b)",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: there)?[\s,.!]+)+", re.IGNORECASE
)
MOST_QUESTIONS: Final = 3
"""Answered in one breath."""

_TWO_NAMES: Final = re.compile(
    r"\b(?:with|for|to|and|have|support) (?:both |either )?(\w[\w.]*) (?:and|or) (\w[\w.]*)", re.IGNORECASE
)

_WHY: Final = re.compile(r"\bwhy (?:do|would|did|are) you (?:need|want|ask|asking|even ask)\b|\bwhats it for\b|^why$")
_WHO: Final = re.compile(
    r"\bwho (?:is|are) (?:this|you|it|calling|speaking)\b(?! (?:for|best|made|aimed|meant|built|good|working|using"
    r"|selling)\b)|\bwhos (?:this|calling|speaking|there)\b(?! for)"
    r"|\bwho am i (?:talking|speaking)\b|\bwhat(?:s| is| was) your name\b|\bwhat did you say your name\b|\byour name again\b|\b(?:which|what) company (?:is this|are you)\b"
)
_PICKS_UP: Final = re.compile(
    r"\bhow (?:can|may) (?:i|we) (?:help|assist)(?: you)?(?: today)?$|\bhow (?:can|may) i direct your call$"
)
"""Said by whoever answers a company's telephone."""

_A_BUSINESS: Final = re.compile(
    r"(?!.*\b(?:i|we|im|my|our|have|need|want|for|an?|your)\b)(?:\w+ ){1,6}"
    r"(?:office|clinic|practice|reception|front desk|veterinary|dental|dentistry|plumbing|realty|salon|hotel|bakery|garage)"
    r"(?: (?:this is|its) \w+(?: speaking)?)?"
)
_WHAT: Final = re.compile(
    r"\bwhat(?:s| is| was) (?:this|it|that) (?:call |all )?(?:about|for|regarding)\b|\bwhat(?:s| is) (?:this|it)$"
    r"|\bwhat (?:this|it|all this) (?:even |actually )?is\b|\bwhat (?:do )?you (?:guys )?(?:do|sell|offer|want)$"
    r"|\bwhat you (?:guys )?(?:do|sell|offer)\b|\bwhy would (?:i|we) (?:ever |even )?(?:need|want) (?:this|it|that"
    r"|you)\b"
    r"|^(?:(?:and|ok|okay|yes|but|so) )*(?:about|regarding) what$|\b(?:get|come) to the point\b|\bcut to the chase\b"
    r"|\bwhats in it for (?:me|us)\b|\b(?:like|want|love) to (?:know|hear|learn) more$"
)
_FOR_WHOM: Final = (
    r"(?: (?:do|to|for|with|in) (?:me|us|you|a|an|my|our|the|someone|somebody|people|companies|businesses)\b.*)?"
)
_WHAT_CAN: Final = re.compile(
    rf"\bwhat (?:can|could|would|will) (?:you|it|this) (?:guys |people |actually )?(?:do|offer){_FOR_WHOM}$"
    rf"|\bhow (?:can|could|would|do|does) (?:you|it|this) (?:guys |people |actually )?help(?: (?:\w+ ){{0,6}}\w+)?$"
    r"|\bwhat (?:does|do) (?:your company|your product|your service|your business|the product|acme) do$"
    r"|\bwhat(?:s| is) (?:this|your|the) (?:product|service|software|tool|thing|offer)(?: about)?$"
    r"|\bwhat (?:it|this|that) (?:actually |really |exactly |even )?does$|\bwhat problems? (?:do|does|can) (?:you|it|this) solve\b"
    r"|^(?:(?:ok|okay|so|can you|could you|please|just) )*explain (?:it|this|that)(?: to me)?(?: like .*)?$|\bwhy should (?:i|we) care$"
    r"|\bwhat are you (?:selling|offering)\b|\bwhat (?:do|does) (?:you|it|this) (?:guys )?(?:actually|really|exactly) do$"
    r"|\b(?:sounds? like|is (?:that|this)) something (?:that )?you (?:guys )?(?:do|can do|handle|can handle|offer|can help with)\b"
)
_WHAT_ELSE: Final = re.compile(r"\bwhat (?:else|more) (?:can|could|does|do) (?:you|it|this)\b")
_FOR_SO_MANY: Final = re.compile(
    r"\b(?:for|with) (?:just |only |about |around |a team of |me and )*(?:\d+|[a-z]+) (?:people|users?|reps?|seats?|agents?"
    r"|employees|of us|persons?|sellers?|licenses?)\b|\bfor (?:just |only )?me\b",
    re.IGNORECASE,
)
_WHAT_ABOUT: Final = re.compile(r"(?:(?:and|so|hm+|ok|okay|then) )*(?:what|how) about\b")
_OF_A_DISCOUNT: Final = re.compile(
    r"(?<!it )(?<!this )(?<!that )\b(?:do|go) (?:any )?(?:better|lower) (?:than|on)\b|\b(?:better|best|lower|special) price\b|\bcome down\b"
    r"|\b(?:sign|signed|commit|pay)(?: up)? for (?:\w+ )?years?\b"
)
_COMPARES: Final = re.compile(
    r"\bwhy (?:should|would) (?:i|we)\b|\bwhat makes (?:you|it|this)\b|\b(?:different|differ|better than|compare|compared|versus|vs)\b"
)
"""With names that no knowledge has."""

_SO_MUCH: Final = re.compile(
    r"(?:(?:so|and|is|that|thats|it|its|only|just|about|around|like|wait|ok|okay|really) )*(?:\w+ ){1,4}(?:a|per|each)"
    r" (?:month|year|user|seat|person|agent|rep)(?: (?:right|correct|total|each))*"
)
"""A price said back: "that's 300 a month?"."""

_ONLY_PRICE: Final = re.compile(
    r"\b(?:tell|give|want|need|know|get) (?:me |us )?(?:just |only )?(?:the|a|your) (?:price|pricing|prices)"
    r"(?: (?:and|please|first|now|already|then)\b.*)?$"
    r"|\bwhat do (?:\w+ ){1,2}(?:usually |normally |typically )?(?:pay|spend)\b"
)
_PRICE_ASKED: Final = re.compile(r"\b(?:what|how much) (?:does|do|would|is|will) .*\bcosts?\b.*", re.IGNORECASE)
_MORE: Final = re.compile(r"(?:(?:ok|okay|yes|yeah|sure|so) )*(?:go on|go ahead|tell me more|keep going|im listening)")
_RECORDS: Final = re.compile(
    r"\b(?:dont|do not|stop|without) record(?:ing)? (?:me|us|this|it)\b|\b(?:not )?(?:be|being) recorded\b"
    r"|\b(?:dont|do not) want (?:you )?to (?:be )?record(?:ed)?\b"
    r"|\bdo you (?:guys |people )?record\b(?! \w)|\b(?:are you|you are|youre|is (?:this|the|my"
    r"|it)(?: call)?) record(?:ing|ed)\b"
)
_BUYS: Final = re.compile(
    r"\b(?:want|like|ready|love|happy) to (?:sign up|subscribe|buy (?:it|this|one|the \w+ plan|\d+ \w+|some \w+|a few \w+|seats"
    r"|licenses)|order it)(?! for)\b"
    r"|^(?:(?:ok|okay|yes|yeah|great|alright|all right|good|perfect) )*(?:lets (?:do it|go ahead|get started|start)|(?:im|were|we are|i am) in)$"
    r"|\bsign (?:me|us) up\b(?! for)|\b(?:take|have|use|charge) my (?:\w+ )?card\b|\bpay (?:you )?(?:right )?now\b"
)
"""Who needs no talking round."""

_CATCH: Final = re.compile(r"\bwhat(?:s| is) the catch\b|\bis there a catch\b")
_WHAT_IS_NEEDED: Final = re.compile(r"\bwhat (?:else )?(?:do|would|will) you need (?:from (?:me|us)|to know)\b")

_CLOCK: Final = re.compile(
    r"\b(?:what|which) time ?zone\b|\bis that (?:my|your|our) time\b|\b(?:my|your) time or (?:mine|my|yours|your)\b"
    r"|\b(?:is|what|when) .{0,20}\bin (?:my|our|your) (?:own |local )?time\b"
)
_WHAT_TIME: Final = re.compile(r"\bwhat time is it(?: (?:now|then))?$|\bwhat time do we have(?: now)?$")
_MUST_GIVE: Final = re.compile(
    r"\b(?:do|must) (?:i|we) (?:really |have to |need to |must )*(?:give|tell|share|leave) (?:you )?(?:my|our|an) (?:e ?mail|address)\b"
    r"|\b(?:is|do you need) (?:my|an|the) (?:e ?mail|address) (?:really |absolutely )*(?:necessary|needed|required|mandatory)\b"
)
_WHAT_NAME: Final = re.compile(
    r"\b(?:what|which) name (?:did|do|have) you\b|\bunder (?:what|which) name\b|\bdid you (?:get|catch) my name\b"
)
_MY_MEETING: Final = re.compile(
    r"\b(?:what|when)(?:s| was| is| time is| time was|s the time of)(?: \w+)? (?:my|our|the) "
    r"(?:meeting|appointment|demo|call|booking)\b(?! (?:about|for|like|with))|\bwhen (?:are|do) we (?:meet|talk"
    r"|speak)(?:ing)?\b"
)
_INVITED: Final = re.compile(
    r"\bwhat(?:s| is) (?:my|the) (?:\w+ )?confirmation\b|\b(?:will|do|can) (?:i|we|you) .{0,20}\bremind(?:ed|er|ers)?\b"
    r"|\b(?:will|do|would|am|are|when|how) (?:i|we|you) .{0,30}\b(?:invite|invited|invitation|confirmation)\b"
    r"|\bwhat (?:happens|comes) (?:next|now|then|after that)\b|\bwhats next\b"
)
_RECAP: Final = re.compile(
    r"\bwhat (?:did|have|had) we (?:\w+ )?(?:agreed?(?: on)?|decided?(?: on)?|said|say|settled?(?: on)?|discussed?|got|covered?)\b"
    r"|\b(?:recap|summari[sz]e|sum (?:it|this|that|everything)? ?up)\b|\bwhere (?:were|are) we$"
    r"|\bwhat (?:do|did) you have so far\b"
)
_CAME_BY: Final = re.compile(
    r"\b(?:(?:i|we|my \w+) (?:just |recently |also |was |were |uh |um )*|^)(?:got|saw|read|received|found|came across|clicked"
    r"|looking at|browsing|reading|visited|visiting)(?: on)? your"
    r" (?:\w+ )?(?:e ?mail|mail|message|letter|newsletter|flyer|brochure|ads?|advert\w*|website|web site|site|page|post"
    r"|video|article|profile|booth)\b|\b(?:i|we) (?:just |recently )?(?:heard (?:about|of)|found|came across) you(?: \w+){0,3}$"
    r"|\b(?:recommended|told (?:me|us) about) you\b"
    r"|\b(?:i|we) (?:just |recently |already )?(?:filled (?:out|in)|completed|submitted|sent) (?:the|a|your|that) (?:\w+ )?form\b"
    r"|\b(?:i|we) (?:just |recently )?(?:left (?:my|our) number|requested a (?:call|demo|callback|call back))\b"
    r"|\bcall(?:ing|ed)? (?:about|because of) (?:the|your|an|that) (?:\w+ )?(?:ads?|advert\w*|post|e ?mail|letter|flyer|message)\b"
)
"""How they heard of us."""

_HOW: Final = re.compile(
    r"\b(?:zoom|google meet|teams call|video call|in person|by phone|on the phone|over the phone)\b"
    r"|\b(?:will|would|do|should|can) (?:i|you|somebody|someone|they|a specialist|the specialist) (?:call|dial|ring) (?:me|us|you|in)\b"
)
"""By which way we meet."""

_ON_FILE: Final = re.compile(
    r"\bwhat (?:do|did|have|else do) you (?:\w+ )?(?:know|have|store|stored|save|saved|keep|got|noted|written down)"
    r" (?:about|on|of) (?:me|us)\b|\bwhat (?:did|have) you (?:\w+ )?(?:store|stored|save|saved|note|noted|write down)$"
)


def about_the_call(state: State, latest: Understanding, around: Surroundings) -> Move | None:
    """The answer to who calls and why, by which clock, whether it is recorded, where one buys, what is needed, when the
    meeting is, what is noted."""
    plain = latest.plain
    if around.company and f"is this {around.company.lower().split()[0]}" in plain:
        return Move("identity", around.names)
    if _WHO.search(plain):
        return Move("identity" if around.company else "identity_plain", around.names)
    calling = state.calling
    if calling.on_phone and latest.says("asks_our_number"):
        return Move("our_number_calling" if calling.is_ours else "our_number_called")
    if calling.reason is not None and latest.says("asks_reason"):
        return Move("reason", {"reason": calling.reason})
    asks_what = _WHAT.search(plain) or _WHAT_CAN.search(plain) or _asks_for_more(state, plain)
    if asks_what and (about := around.lookup("what does it do")) is not None:
        return Move("answer", {"text": about.text})
    if _WHAT_ELSE.search(plain) and (more := around.lookup("how does it work")) is not None:
        return Move("answer", {"text": more.text})
    if (_PICKS_UP.search(plain) or (state.course.heard == 1 and _A_BUSINESS.fullmatch(plain))) and around.company:
        return Move("identity", around.names)
    if _RECAP.search(plain):
        facts = listed(state)
        return Move("recap", {"facts": facts}) if facts else Move("recap_nothing")
    if _CAME_BY.search(plain) and not latest.asks:
        return Move("came_by")
    if around.is_recorded is not None:
        return Move("recorded" if around.is_recorded else "not_recorded")
    if (_RECORDS.search(plain) or (refuses_recording(latest.text) and not latest.asks)) and (
        recording := around.lookup("are calls recorded")
    ) is not None:
        return Move("answer", {"text": recording.text})
    if _BUYS.search(plain) and (where := around.lookup("where do I sign up can I buy it")) is not None:
        return Move("answer", {"text": where.text})
    if _CATCH.search(plain) and (fees := around.lookup("are there hidden fees")) is not None:
        return Move("answer", {"text": fees.text})
    if _WHAT_IS_NEEDED.search(plain):
        return Move("okay")
    if _WHY.search(plain):
        return Move("why_asked")
    if _CLOCK.search(plain):
        return Move("our_clock", {"clock": spoken_clock(state.now)})
    if _MUST_GIVE.search(plain) and state.facts.email is None:
        return Move("email_optional")
    if _WHAT_NAME.search(plain) and state.facts.name is not None:
        return Move("name_is", {"name": state.facts.name})
    if _WHAT_TIME.search(plain) and state.meeting.existing is None:
        return Move("off_topic")
    if _MY_MEETING.search(plain) or _WHAT_TIME.search(plain):
        meeting = state.meeting.existing
        return (
            Move("meeting_is", {"slot": state.meeting.said(meeting)})
            if meeting is not None
            else Move("meeting_unknown")
        )
    if state.meeting.booked and _INVITED.search(plain):
        return booked(state, invited=False)
    meets = state.meeting.is_talked_of or state.meeting.existing is not None
    if meets and latest.asks and _HOW.search(plain) and not (latest.moment or latest.learns):
        return Move("how_we_meet")
    if latest.adds_guest:
        return Move("forward_invitation")
    if _ON_FILE.search(plain):
        facts = listed(state)
        return Move("on_file", {"facts": facts}) if facts else Move("on_file_nothing")
    return None


def is_for_so_many(text: str) -> bool:
    """ "And for 40 people?"."""
    return _FOR_SO_MANY.search(text) is not None


def _asks_for_more(state: State, plain: str) -> bool:
    """ "Go on", of an opening that has told nothing yet; later it only means that they listen."""
    return state.course.heard == 1 and _MORE.fullmatch(plain) is not None


def from_knowledge(latest: Understanding, around: Surroundings) -> Move | None:
    """What the knowledge says to a question, or to each of several; None when it has nothing."""
    questions = [
        part for part in map(_without_greeting, _NEXT_QUESTION.split(latest.text)) if is_question(plain_words(part))
    ]
    if len(questions) > 1:
        found = (around.lookup(_question_in(question)) for question in questions[:MOST_QUESTIONS])
        answers = {passage.title: first_sentence(passage.text) for passage in found if passage is not None}
        if answers:
            return Move("answer", {"text": " ".join(answers.values())})
    if latest.asks and (both := _of_each(latest.text, around)) is not None:
        return both
    of_price = latest.intent == "pricing"
    if _OF_A_DISCOUNT.search(latest.plain) is not None:
        passage = around.lookup("is there a discount for annual payment")
    elif latest.facts.team_size is not None and _WHAT_ABOUT.match(latest.plain) is not None:
        passage = around.lookup("what does it cost")
    elif latest.says("asks_why_us"):
        passage = around.lookup("how is it different from competitors")
    elif latest.asks and latest.says("changes_number"):
        passage = around.lookup("can I keep my phone number")
    elif (of_price and _ONLY_PRICE.search(latest.plain) is not None) or (
        "?" in latest.text and _SO_MUCH.fullmatch(latest.plain) is not None
    ):
        passage = around.lookup("what does it cost")
    else:
        passage = around.lookup(_question_in(latest.text))
    if passage is None and not (of_price and _FOR_SO_MANY.search(latest.text)):
        passage = around.lookup(latest.text)
    if passage is None and _COMPARES.search(latest.plain) is not None:
        passage = around.lookup("how is it different from competitors")
    if passage is None and of_price:
        passage = around.lookup("what does it cost")
    return Move("answer", {"text": passage.text}) if passage is not None else None


def _of_each(text: str, around: Surroundings) -> Move | None:
    """ "Does it work with HubSpot and Salesforce?": what is known of either, where that is not one and the same."""
    both = _TWO_NAMES.search(text)
    if both is None:
        return None
    answers: dict[str, str] = {}
    for name in both.groups():
        passage = around.lookup(f"{text[: both.start(1)]}{name}?")
        if passage is None or name.lower() not in passage.title.lower():
            return None
        answers[passage.title] = first_sentence(passage.text)
    return Move("answer", {"text": " ".join(answers.values())}) if len(answers) > 1 else None


def _without_greeting(text: str) -> str:
    return _GREETING.sub("", text, count=1)


def _question_in(text: str) -> str:
    """The sentences that ask, where there are others beside them: "Is it safe? We have customers in Germany."; without
    for how many people it is asked."""
    sentences = _SENTENCE.findall(text)
    asking = [one for one in sentences if one.rstrip().endswith("?") or says(plain_words(one), "asks_price")]
    asked = " ".join(asking) or text
    if "?" not in asked and (price := _PRICE_ASKED.search(asked)) is not None:
        asked = price[0]  # "hi, I've got two minutes what does it cost"
    return _FOR_SO_MANY.sub("", asked)

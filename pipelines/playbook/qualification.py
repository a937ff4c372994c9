"""What a text says about the caller's business: team size, budget, who decides, and by when."""

import re
from typing import Final, Literal

from pipelines.playbook.extract.money import Money, find_money, spoken_money
from pipelines.playbook.extract.numbers import Number, find_numbers

Authority = Literal["self", "shared", "other"]

NO_BUDGET: Final = "none yet"
MOST_WORDS_OF_NO: Final = 5
LEAST_BARE_BUDGET: Final = 10
"""Less is no amount when nothing says money: "we don't have one"."""

NEARBY: Final = 40
"""Characters before a number that can say what it counts."""

_PEOPLE_AFTER: Final = re.compile(
    r"\s*(?:(?!(?:a|an|per|each|every)\b)[a-z]+ ){0,2}?(?:people|persons?|reps?|salespeople|sales ?persons?|sellers"
    r"|agents?|employees?|workers?|users?"
    r"|seats?|folks|guys|staff|of us|callers|executives|heads|team members|colleagues|receptionists?|dispatchers?"
    r"|technicians?|techs|recruiters?|brokers?|advisors?|consultants?|closers?|setters?|s ?d ?rs?|b ?d ?rs?)\b"
)
_ROLE: Final = re.compile(
    r"\s*(?:\w+ )?(?:people|reps?|sellers|agents?|sdrs?|bdrs?|aes?|managers?|techs?|technicians?|admins?|assistants?|drivers?"
    r"|doctors?|dentists?|hygienists?|nurses?|lawyers?|paralegals?|engineers?|founders?|interns?|closers?|setters?)\b"
)
_WITH_ME: Final = re.compile(r"^ (?:[\w-]+ ){1,4}?(?:and|plus) (?:me|myself)\b")
"""Behind the number: "four technicians and me"."""
_AND_ME: Final = re.compile(r"\b(?:me|myself|i) (?:and|plus) (?:my |about |another )?$")
"""In front of it."""
_AND_ROLE: Final = re.compile(rf"{_ROLE.pattern},? (?:and|plus) (?:another |about |like )?")
"""Between two numbers that count people."""

_PEOPLE_BEFORE: Final = re.compile(
    r"\b(?:team|company|staff|group|office|shop|crew|headcount)(?: size)?,? (?:of|is|has|its|it's)(?: \w+)? $"
)
_WE_ARE: Final = re.compile(
    r"\b(?:we ?'?re|we are|there ?'?s|there are) (?:only |just |about |around |roughly |maybe |now |like |nearly "
    r"|almost )*$"
)
_NO_UNIT: Final = re.compile(r"\s*(?:$|[,.;!]|(?:and|in (?:total|all|the)|now|at|here|with|but|so)\b)")
_OTHER_UNIT: Final = re.compile(
    r"\s*(?:[a-z]+ )?(?:years?|months?|weeks?|days?|hours?|minutes?|times?|percent|calls?|leads?|shops?|stores?"
    r"|locations?|branches|sites?|offices?|clinics?|restaurants?|trucks?|floors?|miles?|dollars?|euros?|customers?"
    r"|clients?"
    r"|sons?|daughters?|kids?|children|dogs?)\b|\s*%"
)
"""Counted, and not the people who would use it."""

_LABEL: Final = re.compile(r"\b(?:extension|ext|room|suite|floor|version|account|option|number)(?: number| is)? $")
"""What a number after it only names."""

_AGE: Final = re.compile(r"\bs?he(?: ?'?s| is) (?:only |about |almost |nearly )?$")
_ALONE: Final = re.compile(
    r"\b(?:just|only) (?:me|myself)\b(?! and)|\bit s? ?me alone\b|\bone man (?:show|band)\b|\bby myself\b|\bsolo\b"
)
_OPEN_HOURS: Final = re.compile(
    r"\b(?:24|twenty[- ]four) ?(?:[/x-]|hours?,? )? ?(?:7|seven)\b|\b(?:9|nine) ?(?:-|to) ?(?:5|five)\b", re.IGNORECASE
)
"""When they are open, and no number of anything."""

_JUST_ONE: Final = re.compile(r"^(?:\w+ )?(?:just|only) (?:the )?one\b")
_PAIR: Final = re.compile(r"\b(?:me and (?:my )?\w+|my \w+ and (?:me|i)|(?:the )?two of us)\b")
_PRICE_BEFORE: Final = re.compile(r"\b(?:better|lower|cheaper) than (?:the )?$")
_NOT_NUMBER: Final = re.compile(r"\b(?:not|isn'?t|instead of|rather than)\s*$")

_NO_BUDGET: Final = re.compile(
    r"\b(?:no|dont have (?:a|any)|do not have (?:a|any)|havent (?:got )?(?:a|any|set(?: aside)?(?: any| a)?)"
    r"|havent really got a|without a) (?:\w+ )?(?:budget|money)\b|\bnothing (?:set aside|allocated|approved)\b"
    r"|\bno money\b|\bbudget (?:is|of) zero\b|\b(?:not|isnt|dont have|havent got|hardly|without) (?:a lot of |a big )?"
    r"(?:much|any|a lot|big)(?: of)?(?: a)? (?:budget|money)\b|\b(?:budget|money) is (?:very |really |pretty )?tight\b"
)
_BUDGET_IS: Final = re.compile(
    r"\bbudgets? (?:(?:is|of|wise|would|be|i|we|guess|think|like|about|around|roughly|maybe|probably|between|up|to) )*"
    r"(?:\d|a (?:hundred|thousand|grand|couple|few)\b|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|\w+teen|\w+ty)\b)"
)
_HAS_NONE: Final = re.compile(r"\b(?:dont|do not|havent) (?:really )?(?:have|got) (?:one|any)(?: yet)?$")
_QUARTER: Final = re.compile(r"\bq[1-4]\b", re.IGNORECASE)
_TURNOVER: Final = re.compile(r"\b(?:revenue|turnover|in sales|a r r|arr|mrr|profit)\b")
"""Money they make, not money they spend."""

_OTHERS_COST: Final = re.compile(
    r"\b(?:my|our|the|a|an|they|it|she|he|that) (?:\w+ ){0,2}(?:costs?|charges?|charged|earns?|makes?) (?:\w+ ){0,2}\d"
    r"|\b(?:they|it|he|she|those|that) (?:costs?|charges?|takes?|bills?|wants?) (?:me|us)\b"
    r"|(?:\d|\bdollars?|\bbucks|\bcents|\beuros?|\bpounds?) (?:an|per|each|every|a) (?:hour|minute|call|lead)\b"
)
"""What somebody or something else costs is not what they would spend."""

_BUDGET_TALK: Final = re.compile(
    r"\b(?:budgets?|spend|spending|afford|pay|paying|set aside|invest|have|got|allocated|up to|range)\b"
)

_DECIDER: Final = (
    r"(?:boss|(?:office |general |store |branch |practice |sales |operations )?manager|partner|owner|ceo|cfo|cto|coo|director|board|husband|wife|supervisor|cofounder|co founder"
    r"|committee|procurement|brother in law|sister in law|brother|sister|father|mother|son|daughter|head of \w+"
    r"|vp(?: of \w+)?|vice president|president|team|legal|it department|founder"
    r"|boss and)"
)
_SELF: Final = re.compile(
    r"\b(?:i|me) (?:\w+ )?(?:decide|make (?:the|that|those|all the|these) (?:\w+ )?(?:decisions?|calls?)|sign off"
    r"|approve|have the final say|call the shots)\b|\b(?:its|that is|thats|it is) (?:all )?(?:my|mine) ?(?:call"
    r"|decision|choice|money)?\b|\b(?:im|i am) the (?:owner|ceo|founder|decision maker|boss|one who"
    r" decides|director|president|head of)\b|\bi (?:own|run) (?:the|this|a|my) (?:\w+ )?(?:company|business|place|shop"
    r"|team|clinic|practice|agency|firm|store|restaurant)\b|\bi (?:own|run) it\b|\b(?:thats|that would be|its) me\b|\byes i (?:do|am|can)\b"
)
_DECIDES: Final = re.compile(r"decision|decide|owner|\bown\b|\brun it\b|ceo|final|founder")
"""Says that somebody decides, though nobody asked."""

_GOES_ALONG: Final = re.compile(
    r"(?:(?:um|uh|oh|well|and|so) )*(?:ok|okay|alright|all right|perfect|great|fine|cool|sounds good|go ahead|please do|why not"
    r"|lets (?:do|try) it)\b(?! (?:yes|yeah|yep|i do|i am|it is|its me|me)\b)"
)
"""Agrees to go on with the talk, and not to what was asked."""

_SHARED: Final = re.compile(
    rf"\bme and (?:my |our |the )?(?:business )?{_DECIDER}\b|\b(?:my|our|the) (?:business )?{_DECIDER} and (?:i|me"
    rf"|myself)\b|\b(?:we"
    rf"|both of us) (?:\w+ )?decide\b|\bdecide (?:it )?together\b"
    r"|\bdecide (?:it |this |that )?with (?:my|our|the)\b"
    r"|\b(?:group|joint|team) decision\b|\bit would be me and\b|\bseveral (?:of us|people)\b"
)
_NOT_SELF: Final = re.compile(
    r"\bi (?:dont|do not|cant|cannot|wont|never) (?:\w+ )?(?:decide|make (?:\w+ )?decisions?|sign off|approve)\b"
    r"(?! (?:\w+ )?(?:right now|now|today|yet|this week))|\bnot (?:my|mine) ?(?:decision|call|choice)\b"
)
_NOT_ALONE: Final = re.compile(r"\b(?:alone|without|by myself|on my own)\b")
_OTHER: Final = re.compile(
    rf"\b(?:my|our|the) {_DECIDER} (?:\w+ ){{0,2}}?(?:decides?|decision|makes?|signs?|approves?|handles? (?:that|this|it|those|these|such)|says|has the"
    rf"|have the|would|will|needs? to|has to|does)\b|\b(?:up to|decision of|call of|ask|run it by|check with|talk to"
    rf"|approved by|that would be|thats|its) (?:my|our|the) {_DECIDER}\b"
)
_SOMEBODY_DECIDES: Final = re.compile(
    r"\b(?:my|our|the) (?!(?:system|agent|bot|ai|software|customer|caller|lead"
    r"|client)s? )(?:(?!who )\w+ ){1,2}(?:decides|signs off|signs|approves)\b"
)
_INVOLVED: Final = re.compile(
    rf"\b(?:{_DECIDER}|compliance|finance|purchasing) (?:\w+ ){{0,3}}(?:(?:is|are|will be|would be|gets?|has to be|have to be) involved"
    r"|want to be involved|joins? the decision)\b"
)
_OF_A_DEPARTMENT: Final = re.compile(
    rf"(?:{_DECIDER}|compliance|finance|purchasing|headquarters|h ?q|corporate)"
    r" (?:decides?|does|approves?|signs?(?: off)?|has to|makes? (?:the|that) decisions?)\b"
)
_ANY_DECIDER: Final = re.compile(rf"\b(?:my|our|the) {_DECIDER}\b")

_COUNT: Final = r"(?:a|one|two|three|four|five|six|eight|ten|twelve|a few|few|(?:a )?couple(?: of)?|several|thirty|sixty|ninety|\d+)"
_MONTH: Final = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|fall"
    r"|autumn|winter|q[1-4]|christmas|easter|thanksgiving|(?:mothers|fathers|valentines) day|black friday|the holidays|new years?)"
)
_TIMING: Final = re.compile(
    rf"\b(?:(?:as )?soon as (?:possible|we can|i can)|asap|a ?s ?a ?p|right away|straight away|immediately|right now"
    rf"|now"
    rf"|today|tomorrow|soon|(?:by|in|until|before|after|from|around|at|not before|not until|early|late|mid"
    rf"|sometime in|this|next|end of|start of|beginning of)(?: the| early| late| mid| next)*"
    rf" (?:end of |start of |beginning of )?(?:the )?{_MONTH}|(?!may\b|fall\b){_MONTH}"
    rf"|(?:in|within|about|around|maybe|like|over|another|after)(?: the)?(?: next)?(?: about| around"
    rf"| maybe)? {_COUNT} (?:days?|weeks?|months?|quarters?|years?)"
    rf"|{_COUNT} (?:weeks?|months?|quarters?)"
    r"|(?:by|before|at|until|towards?)? ?(?:the )?(?:end|start|beginning|middle) of (?:(?:the|this|next) )?(?:week"
    r"|month"
    r"|quarter|year)|(?:this|next|later this|sometime this|sometime next|early next|late this|the coming"
    r"|first thing next) (?:week|month|quarter|year|half)"
    r"|no (?:rush|hurry|deadline)|not urgent|just (?:looking|exploring|browsing|researching|curious)|whenever"
    r"|the sooner the better|no timeline|some day|yesterday)\b"
)
_PER_MONTH: Final = re.compile(r"(?<!in )(?<!within )(?<!about )\b(?:a|per|each|every) (?:week|month|quarter|year)\b")
_MONTH_NAME: Final = re.compile(_MONTH)
_TIMING_TALK: Final = re.compile(
    r"\b(?:start(?:s|ing)?|begins?|launch(?:es)?|go live|going live|in place|implement|roll ?out|up and running"
    r"|need (?:it"
    r"|this|something)|want (?:it|this)|decide|decision|timeline|deadline|buy|purchase|switch"
    r"|contract (?:\w+ ){0,2}?(?:ends?|expires?|runs out|is up|renews?))\b"
)


def kept_numbers(text: str) -> tuple[list[Number], list[float]]:
    """The numbers meant, and those taken back ("fifty, not fifteen")."""
    kept: list[Number] = []
    dropped: list[float] = []
    text = _OPEN_HOURS.sub(lambda hours: " " * len(hours[0]), text)
    for number in find_numbers(text):
        before = text[max(0, number.start - NEARBY) : number.start].lower()
        if _PRICE_BEFORE.search(before) or _LABEL.search(before) or _AGE.search(before):
            continue
        if _NOT_NUMBER.search(before):
            dropped.append(number.value)
        else:
            kept.append(number)
    return kept, dropped


def team_size(text: str, plain: str, *, asked: bool, elsewise: bool = False) -> int | None:
    """How many people. ``asked``: a number alone is the answer; ``elsewise``: "just me" answers who decides."""
    lowered = text.lower()
    numbers, _ = kept_numbers(text)
    for number in numbers:
        before = lowered[max(0, number.start - NEARBY) : number.start]
        if _PEOPLE_AFTER.match(lowered, number.end) or _PEOPLE_BEFORE.search(before):
            return int(number.value) + _with_others(lowered, numbers, number)
        if _WE_ARE.search(before) and _NO_UNIT.match(lowered, number.end):
            return int(number.value)
    if _ALONE.search(plain) and not elsewise:
        return 1
    if asked and _JUST_ONE.search(plain):
        return 1
    if asked and not numbers and _PAIR.search(plain):
        return 2
    uncounted = [number for number in numbers if not _OTHER_UNIT.match(lowered, number.end)]
    if asked and uncounted and find_money(text) is None and _BUDGET_IS.search(plain) is None:
        return int(uncounted[0].value) + (_AND_ME.search(lowered[: uncounted[0].start]) is not None)
    return None


def _with_others(lowered: str, numbers: list[Number], counted: Number) -> int:
    """ "Eight technicians and three people in the office" are eleven."""
    place = numbers.index(counted)
    before = numbers[place - 1] if place else None
    after = numbers[place + 1] if place + 1 < len(numbers) else None
    others = 0.0
    if before is not None and _AND_ROLE.fullmatch(lowered[before.end : counted.start]):
        others += before.value
    if after is not None and _AND_ROLE.fullmatch(lowered[counted.end : after.start]):
        others += after.value if _ROLE.match(lowered, after.end) else 0
    first = lowered[: (before or counted).start]
    return int(others) + (_AND_ME.search(first) is not None or _WITH_ME.search(lowered[counted.end :]) is not None)


def budget(text: str, plain: str, *, asked: bool, asks: bool) -> str | None:
    """The budget in words. ``asked``: a number alone is the answer; ``asks``: the text is itself a question."""
    if _NO_BUDGET.search(plain) or (asked and _HAS_NONE.search(plain)):
        return NO_BUDGET
    if asks or _TURNOVER.search(plain) or _OTHERS_COST.search(plain):
        return None
    money = find_money(text) or (_bare_budget(text) if asked or _BUDGET_IS.search(plain) else None)
    if money is not None and money.amount == 0:
        return NO_BUDGET if asked or _BUDGET_TALK.search(plain) else None
    if money is not None and (asked or money.period is not None or _BUDGET_TALK.search(plain)):
        return spoken_money(money)
    return None


def _bare_budget(text: str) -> Money | None:
    """A number alone: rather one that follows the word ("a team of twelve, budget 500") than any."""
    text = _QUARTER.sub(" ", text)
    counted = (
        _OTHER_UNIT.match(text.lower(), number.end) or _PEOPLE_AFTER.match(text.lower(), number.end)
        for number in find_numbers(text)
    )
    if "budget" not in text.lower() and any(counted):
        return None
    _, budget_word, rest = text.lower().partition("budget")
    money = (find_money(rest, bare=True) if budget_word else None) or find_money(text, bare=True)
    return money if money is not None and money.amount >= LEAST_BARE_BUDGET else None


def is_plain_no(plain: str) -> bool:
    """Whether a no, to the question of a budget, is about the budget rather than about something else."""
    return (
        plain.count(" ") < MOST_WORDS_OF_NO
        or re.search(r"\b(?:budget|money|spend|any|anything|yet|one)\b", plain) is not None
    )


def goes_along(plain: str) -> bool:
    """Whether "okay", "sounds good" tell nothing of what was asked."""
    return _GOES_ALONG.match(plain) is not None


def authority(plain: str, *, asked: bool) -> Authority | None:
    """Who decides. ``asked``: naming somebody is enough."""
    if _SHARED.search(plain):
        return "shared"
    if _NOT_SELF.search(plain):
        return "shared" if _NOT_ALONE.search(plain) else "other"
    if _OTHER.search(plain) or _SOMEBODY_DECIDES.search(plain):
        return "other"
    if _SELF.search(plain) and (asked or _DECIDES.search(plain) is not None):
        return "self"
    if _INVOLVED.search(plain):
        return "shared"
    if asked and _OF_A_DEPARTMENT.match(plain):
        return "other"
    if asked and _ANY_DECIDER.search(plain):
        return "shared" if re.search(r"\b(?:i|me|myself|we)\b", plain) and " and " in plain else "other"
    if asked and re.fullmatch(r"(?:(?:just|its|thats|only|yeah|yes|um) )*(?:me|i do|i am|myself|mine)", plain):
        return "self"
    return None


def timing(plain: str, *, asked: bool) -> str | None:
    """By when, in the caller's words."""
    match = _TIMING.search(_PER_MONTH.sub(" ", plain))
    if match is None or not (
        asked
        or "soon as" in match[0]
        or (
            _TIMING_TALK.search(plain)
            and match[0].strip() not in ("now", "right now", "today", "tomorrow", "yesterday")
        )
    ):
        return None
    return _MONTH_NAME.sub(lambda month: month[0].capitalize(), match[0].strip())

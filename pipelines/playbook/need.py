"""What the caller needs, in their own words."""

import re
from typing import Final

from pipelines.intent.classifier import plain_words
from pipelines.playbook.lead_in import without_lead_in

MAX_NEED_CHARS: Final = 200

_NEED: Final = re.compile(
    r"\b(?:we|i|our (?:team|reps|people|sales)|my (?:team|reps|people))(?:re|m| are| am|d|ve| have|s"
    r"| is)? (?:\w+ ){0,2}?(?:need|needs|want|wants|would like|looking|struggle|struggling"
    r"|lose|losing|miss|missing|drowning|having (?:trouble|problems|issues|a hard time)|cant keep up|waste|wasting"
    r"|spend too much|trying|hoping|wish|evaluating|considering|comparing|exploring|planning)\b|\b(?:problem|issue|challenge|pain|bottleneck|headache|trouble) (?:is"
    r"|with|we)\b|\b(?:receptionist|assistant|secretary|front desk|office manager)(?: has|s)? (?:just )?(?:quit|left|is leaving|resigned)\b"
    r"|\b(?:nobody|no one) (?:is |ever |can |gets? |got |to )*(?:answers?|answered|answering|calls|picks?|follows|back)\b"
    r"|\bmiss(?:es|ing|ed)? (?:\w+ ){0,2}(?:calls?|reservations?|bookings?|orders?|appointments?|leads?|customers?)\b"
    r"|\bphones? (?:just |never |always |constantly |keeps? |is )*(?:rings?|ringing|stops? ringing)\b"
    r"|\b(?:we|i|they|staff|nobody) (?:\w+ )?(?:cant|cannot|couldnt) (?:\w+ )?(?:answer|pick up|get to the phone|keep up|take (?:all )?the calls?)\b"
    r"|\b(?:missed calls|slow follow|no shows"
    r"|falling through)\b|\b(?:quality|service|rate|rates|conversion|follow ups?|response times?) (?:is|are) (?:\w+ )?(?:terrible|awful"
    r"|bad|poor|low|slow|horrible|inconsistent|dropping)\b|\b(?:customers|clients|people|patients|callers|leads|prospects) (?:\w+ )?"
    r"(?:complain|complaining|hang up|give up|wait too long|go cold|are waiting|get lost)\b"
)
_NO_NEED: Final = re.compile(
    r"\b(?:need|needs|have|want|got) to (?:ask|check|talk|speak|run|think|know|go|discuss|look|leave|get back"
    r"|hang up|say)\b|\b(?:not (?:\w+ )?sure|dont think|do not think|doubt) (?:\w+ ){0,2}(?:need|want)\b"
    r"|\b(?:want|need|like) (?:it|this|that) (?:by|before|in|until|for|up and)\b"
    r"|\blooking at your\b|\b(?:dont|do not) (?:\w+ )?(?:need|want (?:it|that|this|any))\b|\bno (?:real |such )?need\b"
    r"|\b(?:want|wants|need|needs|like|looking|hoping|planning|trying) to (?:start|begin|go live|launch|decide|buy)"
    r" (?:(?:it|this|that) )?(?:by|before|in|until|within|after|this|next|soon|now|right away|as soon|asap)\b"
)
_CLAUSE: Final = re.compile(r"[,.;!?]|\band (?=(?:we|i|our|my|i'm|we're) )", re.IGNORECASE)
_WANTS_MEETING: Final = re.compile(
    r"\b(?:want|like|need|have) (?:to (?:book|have|set up) )?(?:an?|two|three|another|the|my) (?:\w+ )?(?:meeting"
    r"|appointment)s?\b"
)
"""With us, where "more meetings" is what a seller needs."""

_SOMETHING_ELSE: Final = re.compile(
    r"^(?:no|nope|nah)\b|^(?:(?:oh|well|um|and|so|yeah|yes|ok|okay|sure|please|hi|hello) )*(?:(?:im|i am|were"
    r"|we are) (?:fine|good|great|ok"
    r"|okay|well|doing|in|from|back|here)\b|(?:go on|go ahead|continue|keep going|carry on|im listening)\b"
    r"|(?:write|tell|sing|read) (?:me|us) an? |call me\b|lets (?:meet|talk|speak|do)\b|can (?:we|you) (?:meet|call)\b"
    r"|you (?:have |just |already )*asked\b|i (?:have |just |already )*told\b)"
    r"|\b(?:raining|snowing|sunny|weather)\b|\bmy (?:phone )?number is\b|\bis my (?:phone )?number\b"
    r"|\bin business (?:for|since)\b|^(?:\w+ ){1,3}(?:office|reception|front desk)$|^[\d ]+$"
    r"|\b(?:got|had|have|received) (?:a|your) (?:missed call|voice ?mail|message|call) (?:from|on)\b"
    r"|\bsign (?:me|us) up\b|\b(?:calling|called|here|ringing) (?:about|because of|regarding) (?:the|your|an|that)\b"
    r"|\b(?:let me|ill|i will|well|we will) (?:think (?:about|it|this|on)|sleep on|call you|get back|be in touch)\b"
    r"|^(?:(?:still|its|thats|it is|that is|but|way|just|really|a bit|hmm|well|no) )*too (?:expensive|much|pricey|high)\b"
    r"|\byou (?:people |guys |all |have |ve |just |already )*(?:called|rang|phoned) (?:me|us)\b|\bwho gave you\b"
    r"|\b(?:looking at|browsing|reading|visited|visiting|saw|found|on) your (?:\w+ )?(?:website|web site|site|page|ads?|profile)\b"
    r"|\bdeal ?breaker\b|\bhard of hearing\b|\b(?:cant|cannot|can hardly|can barely|couldnt) hear\b"
    r"|\b(?:more|higher|pricier|less) than (?:i|we) (?:\w+ )?(?:thought|expected|hoped|planned|budgeted)\b"
)
"""Said when asked for a need, and none: how or where they are, when to meet, that they said so before."""

_INTRODUCTION: Final = re.compile(
    r"^(?:(?:hi|hello|hey|yes|yeah|good (?:morning|afternoon)) )*(?:this is|im|i am|my name is) (?:\w+ ){1,3}(?:from"
    r"|at|with) \w+(?: \w+){0,2}$"
)


def find_need(text: str, plain: str, *, asked: bool) -> str | None:
    """What they need, in their words: the clauses that say so. ``asked``: any statement of three words does, unless it
    is plainly about something else."""
    clauses = [clause.strip() for clause in _CLAUSE.split(" ".join(text.split())) if _states_need(plain_words(clause))]
    if not clauses:
        if not asked or plain.count(" ") < 2 or _says_otherwise(plain):
            return None
        clauses = [text]
    return without_lead_in(", ".join(clauses))[:MAX_NEED_CHARS].strip(" .,;!")


def _states_need(clause: str) -> bool:
    return (
        _NEED.search(clause) is not None and _NO_NEED.search(clause) is None and _WANTS_MEETING.search(clause) is None
    )


def is_pain(plain: str) -> bool:
    """Whether it says what hurts, rather than asks."""
    return _states_need(plain)


def _says_otherwise(plain: str) -> bool:
    return any(said.search(plain) is not None for said in (_INTRODUCTION, _NO_NEED, _WANTS_MEETING, _SOMETHING_ELSE))

"""What comes before any selling: who has a right to peace, a person or the truth, and who is nobody to sell to."""

import re
from typing import Final

from pipelines.playbook.answering import about_the_call, from_knowledge
from pipelines.playbook.moves import Move, Plan, Surroundings
from pipelines.playbook.questions import contact_question, next_question
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

_OURS: Final = r"(?:\w+ )?(?:bot|agent|assistant|system|product|app|software|service|platform|tool)"
_SUPPORT: Final = re.compile(
    r"\b(?:im|i am|were|we are|as|already) an? (?:existing |current )?(?:customer|client)\b"
    r"(?! (?:success|service|support|care|experience|relations))"
    r"|\bmy (?:existing )?(?:invoice|bill|account|login|password|order|subscription)"
    r" (?:is|was|isnt|wasnt|has|got|doesnt|didnt|never|still|keeps)\b"
    r"|\b(?:cant|cannot|could not|couldnt|unable to|not able to|trouble|problems?) (?:log(?:ging)? ?in(?:to)?|sign(?:ing)? in(?:to)?"
    r"|get(?:ting)? into|access(?:ing)?)\b(?! touch)|\b(?:reset|forgot|forgotten|lost|change) my (?:\w+ )?password\b"
    r"|\bwhere (?:do|can) (?:i|we) find my (?:api key|invoices?|password|account|recordings?)\b"
    r"|\b(?:been|got|were|was) (?:charged|billed) (?:twice|double|again|wrong\w*|too much)\b"
    r"|(?<!can i )(?<!could i )(?<!can we )(?<!could we )(?<!how do i )(?<!how do we )\b(?:cancel|end|terminate|close) (?:my|our) (?:\w+ )?"
    r"(?:subscription|account|plan|membership)\b"
    r"|\b(?:i|we) (?:\w+ )?(?:want|need|demand|request|am owed|are owed)(?: to (?:get|have))?(?: (?:a|an|my|our|full|the))* "
    r"(?:refund|money back)\b"
    r"|\b(?:ive|weve|i have|we have) (?:\w+ )?(?:been using|used) (?:it|you|you guys|this|your \w+) (?:for|since)\b"
    rf"|\byour {_OURS} (?:(?:keeps|kept) \w+ing|stopped|broke|crashed|is (?:broken|down|not working)"
    r"|(?:wont|doesnt|didnt|isnt) (?:work|working|answer|answering|respond|responding|load|loading)(?! with| in| on| for))\b"
)
"""Somebody who has the product already and needs help: nothing a seller can do."""

_FOR_SOMEBODY: Final = re.compile(
    r"\b(?:[Cc]an|[Cc]ould|[Mm]ay) I (?:please )?(?:speak|talk) (?:to|with) (?:Mr\.? |Mrs\.? |Ms\.? "
    r"|Dr\.? )?[A-Z][a-z]+(?: [A-Z]|,| ?\?| please|$)"
)
"""A colleague, by name."""

_ERASE: Final = re.compile(
    r"(?<!can i )(?<!could i )(?<!do i )(?<!to )\b(?:delete|erase|remove|wipe) (?:all )?(?:of )?my (?:personal )?"
    r"(?:data|information|info|details|records?)\b|\bright to be forgotten\b"
    r"|\b(?:have|get|want|like|need) (?:all )?(?:of )?my (?:personal )?(?:data|information|info|details|records?)"
    r" (?:to be )?(?:deleted|erased|removed|wiped)\b"
)
"""A wish the law gives weight to, and that a person has to carry out."""

_UPSET: Final = re.compile(
    r"\bthis is (?:just |really |so |absolutely |completely |totally )*"
    r"(?:ridiculous|unacceptable|outrageous|a disgrace|infuriating)\b|\bthats (?:\w+ )?(?:unacceptable|outrageous)\b"
    r"|\b(?:im|i am) (?:just |really |so |very |absolutely )*(?:furious|fed up|livid|angry|disgusted)\b"
    r"|\b(?:file|make|have|lodge) a (?:formal )?complaint\b|\b(?:terrible|horrible|awful|worst) (?:service|support|experience)\b"
)
_STOP: Final = re.compile(r"(?:(?:please|just|ok|now) )*(?:stop|unsubscribe|cease)(?: (?:it|this|that|please|now))*")
"""Of somebody who has said no before; else it may only mean that the agent talks too long."""

_STILL: Final = re.compile(r"\bwhy (?:are|do|did) you (?:still|keep|even|calling|talking)\b")
_COMPLAINS: Final = re.compile(
    r"\byou (?:people |guys |all |have |ve |already |just )*(?:called|rang|phoned) (?:me|us|here) (?:(?:\w+ )?times"
    r"|again)\b"
    r"|\byou (?:people |guys |all )?(?:keep|always|never stop) (?:on )?(?:calling|ringing|phoning)\b"
)


def nobody_to_sell_to(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Nobody to talk business with: a short message, a wait, or good-bye."""
    if latest.by == "voicemail":
        return Plan((Move("voicemail" if around.company else "voicemail_plain", around.names),))
    if latest.by == "child":
        return Plan((Move("close_child"),))
    return Plan((Move("hold"),)) if latest.by in ("menu", "passes_on") else None


def after_opting_out(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Nothing is asked of them or offered; what they ask themselves is answered."""
    if latest.intent in ("wants_person", "are_you_a_bot") or state.meeting.cancels:
        return None
    answer = about_the_call(state, latest, around)
    if answer is None and (latest.intent in ("booking", "reschedule") or (latest.asks and latest.moment)):
        answer = Move("opted_out_wishes")
    if latest.objection == "number_source":
        answer = Move("not_known_here")
    if answer is None and (latest.asks or latest.intent == "pricing") and not _STILL.search(latest.plain):
        answer = from_knowledge(latest, around) or Move("not_known_here")
    return Plan((answer or Move("farewell" if latest.takes_leave else "opted_out_already"),))


def rights(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """What the caller has a right to: peace, a person, the truth about what is speaking."""
    if state.opting_out:
        offered = "opt_out" in around.effects
        return Plan((Move("opting_out"),), effects=("opt_out",)) if offered else Plan((Move("opted_out"),))
    if around.told_of_recording:
        return Plan((Move("okay"),), next_question(state))
    erase = _ERASE.search(latest.plain) is not None
    if latest.may_opt_out and not erase:
        return Plan((), Move("ask_opt_out"))
    gone = state.closed or state.objections["not_interested"] > 0
    if gone and not state.opted_out and _STOP.fullmatch(latest.plain):
        return Plan((), Move("ask_opt_out"))
    if _COMPLAINS.search(latest.plain) and state.asked["opt_out"] == 0:
        return Plan((Move("sorry_called"),), Move("ask_opt_out"))
    if erase and "request_erasure" in around.effects:
        return Plan((Move("erasing"),), effects=("request_erasure",))
    asked_for = latest.intent == "wants_person" or _FOR_SOMEBODY.search(latest.text) is not None
    upset = _UPSET.search(latest.plain) is not None
    if asked_for or upset or _SUPPORT.search(latest.plain) or erase:
        sorry = (Move("sorry_trouble"),) if upset else ()
        if state.handed_off and "handoff_to_person" in around.effects:
            return Plan((*sorry, Move("handed_off_done")))
        if "handoff_to_person" in around.effects:
            return Plan((*sorry, Move("handing_off")), effects=("handoff_to_person",))
        return Plan((*sorry, Move("handed_off")), contact_question(state))
    if latest.intent == "are_you_a_bot":
        return Plan((Move("admit_ai", around.names),), next_question(state))
    return None

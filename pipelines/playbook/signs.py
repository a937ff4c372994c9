"""What a text may say beside the question, told by its words alone: a table of signs, and the words for each.

To hear something new, add a name to ``Sign`` and its words here; what follows from it is decided in ``policy``.
"""

import re
from typing import Final, Literal

Sign = Literal[
    "announces_question",
    "no_questions",
    "no_buyer",
    "seeks_work",
    "only_looks",
    "adds_guest",
    "wants_text",
    "wants_call_back",
    "wants_call_then",
    "wants_new_meeting",
    "asks_times",
    "changes_number",
    "points_to_number",
    "keeps_address",
    "gives_no_address",
    "asks_price",
    "asks_indirectly",
    "asks_why_us",
    "asks_how_soon",
    "asks_for_other",
    "wants_in_writing",
    "wants_specialist",
    "wishes_well",
    "asks_midway",
    "asks_when_it_comes",
    "asks_how_later",
    "asks_who_calls",
    "asks_fact",
    "asks_of_us",
    "adds_to_question",
    "asks_beside",
    "asks_if_all",
    "takes_it",
    "asks_our_number",
    "asks_reason",
    "confirms",
    "corrects",
    "does_not_know",
    "only_yes",
    "only_thanks",
    "only_part_of_day",
    "only_choice",
    "names_offer",
    "introduces",
    "goes_on",
    "why_not_now",
    "bye",
    "back",
    "misdialled",
    "missed_call",
    "abuse",
    "of_contact",
    "of_refusing",
    "of_paying",
    "support",
    "erase",
    "upset",
    "stop",
    "asks_why_still",
    "complains",
]

_OURS: Final = r"(?:\w+ )?(?:bot|agent|assistant|system|product|app|software|service|platform|tool)"

_ANYWHERE: Final[dict[Sign, str]] = {
    # Of the agent's. What customers ask so much is a need, and "no more questions" says that all are answered.
    "no_questions": r"\b(?:stop|quit|enough) (?:(?:with|of|the|all|these|your|asking|me|those) )*questions?\b"
    r"|\bstop asking (?:me |us )?(?:stuff|things|that|so much)\b"
    r"|\bstop (?:asking|interrogating|quizzing)(?: me| us)?$|\byou(?:re| are)? (?:ask|asking) (?:too|so) many questions?\b"
    r"|\bwhy (?:so|that|this) many questions\b",
    "no_buyer": r"\b(?:im|i am) (?:just |only |actually |really )*an? (?:\w+ )?(?:student|journalist)"
    r"(?=$| (?:at|from|in|and|doing|writing|who|so|but|here)\b)"
    r"|\bfor (?:a|my|our|this) (?:school|university|college|class|homework|thesis)(?: (?:project|paper|assignment|work))?$"
    r"|\b(?:im|i am) (?:\w+ )?(?:looking|applying) for (?:a |an )?(?:\w+ )?(?:job|internship)$",
    "seeks_work": r"\b(?:are|is) (?:you|you guys|your company) (?:\w+ )?hiring\b|\bjob (?:openings?|opportunit\w+|vacanc\w+)\b|\bopen positions?\b"
    r"|\bapply(?:ing)? for (?:a|the) (?:\w+ )?(?:job|position)\b",
    "adds_guest": r"\b(?:add|invite|include|cc|copy|bring|loop in) (?:in )?(?:my |our |the |also |a )*(?:\w+ )?(?:boss|colleagues?|manager|partner"
    r"|team|wife|husband|assistant|coworker|co founder|cofounder|ceo|cfo|cto|vp|him|her|them|someone|somebody)\b"
    r"|\b(?:can|could|will|should) (?:my |our )(?:\w+ )?(?:boss|colleagues?|manager|partner|team|wife|husband|assistant|coworker|ceo"
    r"|cfo|cto|vp|brother|sister|father|mother|son|daughter|husband|wife|lawyer|accountant|friend)(?: [\w@]+){0,6}? (?:join|come|be there|attend)\b",
    "wants_text": r"\b(?:text|sms|whatsapp) (?:(?:it|that|them|this) to )?(?:me|us)\b"
    r"|\b(?:send|shoot|drop) (?:me|us) (?:\w+ ){0,3}(?:text|sms|whatsapp)\b"
    r"|\b(?:send|contact|reach|tell) (?:\w+ ){0,6}(?:by|via|over|on|through|as|in) (?:an? )?(?:text|sms|whatsapp)\b",
    "wants_call_back": r"\b(?:call|ring|phone) (?:(?:me|us) )?(?:back )?(?:again )?(?:in|after) (?:about )?(?:an?|one|two|three|half|ten"
    r"|fifteen|twenty|thirty|\d+)(?: \w+)? (?:hours?|minutes?|mins?)\b"
    r"|^(?:(?:please|just|can you|could you) )*(?:call|ring|phone) (?:(?:me|us) )?back\b",
    "wants_call_then": r"\b(?:call|ring|phone|try) (?:me|us)\b",
    "wants_new_meeting": r"\b(?:can|could|may) (?:i|we) (?:please |then |also )*(?:book|schedule|arrange|make|have|get|set up) (?:a |an )?(?:new|another"
    r"|different) (?:one|meeting|call|demo|appointment|time|slot)\b",
    "asks_times": r"\bwhat (?:times?|days?|slots?|openings?|hours?|dates?) (?:\w+ )?(?:do you have|have you got|are (?:you )?(?:free|available|open|left)"
    r"|can you do|could you do)\b|\bwhen (?:are you|is (?:somebody|someone|the specialist|your specialist)) (?:free|available)\b"
    r"|\bwhat(?:s| is) your (?:availability|schedule|calendar)\b",
    "changes_number": r"\b(?:chang\w+|switch\w*|mov\w+|port\w*|keep) (?:my|our|the) (?:phone )?(?:number|provider|line|system)s?\b",
    "points_to_number": r"\byou (?:already |do |should |must |guys )*(?:have|ve got|got) (?:my|our) (?:phone |mobile |cell )?number\b"
    r"|\b(?:use|call (?:me |us )?(?:on|at)|ring (?:me |us )?on|reach (?:me |us )?on) this (?:number|phone|line)\b"
    r"|^(?:(?:yes|yeah|yep|ok|okay|sure|just|no) )*(?:(?:at|on) )?this (?:number|phone|line)(?: (?:is|s|works|will do|please"
    r"|fine|good|best|ok|okay|the))*$",
    "keeps_address": r"\b(?:wont|will not|not going to|rather not|dont|do not|not|no)\b.{0,20}\b(?:e ?mail|address)\b",
    # So plain that it needs no question before it: "no, just e-mail me" is another matter.
    "gives_no_address": r"\bdont (?:do|use|have|own) (?:an? |any )?e ?mails?\b|"
    r"\b(?:rather not|prefer not to|wont|will not|not going to|dont want to|do not want to) (?:give|share|tell|leave)\b"
    r".{0,20}\b(?:e ?mail|address)\b",
    "asks_price": r"\b(?:tell|give|want|need|know|get) (?:me |us )?(?:just |only )?(?:the|a|your) (?:price|pricing|prices)\b(?! (?:list|sheet|in|by))"
    r"|\bhow much (?:is|does) (?:the )?cost\b|\bwhat(?:s| is) (?:the|your) (?:price|cost|pricing)$|"
    r"\bhow much(?:$| (?:is|does|do|would|will) (?:it|this|that|you|your \w+)\b)"
    r"|\bwhat (?:does|do|would|will) (?:it|this|that|you) (?:cost|charge)\b"
    r"|\bwhat do (?:most |other |your )*(?:people|customers|companies|teams) (?:usually |normally |typically )?(?:pay|spend)\b",
    "asks_why_us": r"\bwhy (?:should|would) (?:i|we) (?:choose|pick|buy|go with|take|trust|prefer) (?:you|this|it|your)\b"
    r"|\bwhy (?:should|would) (?:i|we) (?:switch|change|move)\b"
    r"|\bwhat makes (?:you|it|this) (?:different|better|special)\b",
    "asks_how_soon": r"^(?:(?:and|so|ok|okay) )*(?:how (?:long|soon)|when)\b",
    "asks_for_other": r"\bis (?:this|that) (?:the |dr |doctor |mr |mrs )*(?:\w+ ){1,3}(?:place|shop|store|restaurant|office|clinic|bank|hospital|hotel"
    r"|salon|school|pharmacy|residence|house)$",
    "wants_in_writing": r"\bin writing\b|\bbefore (?:i|we) (?:talk|speak) (?:to|with) (?:anyone|anybody|someone|somebody)\b",
    "wants_specialist": r"\b(?:lets|let me|let us|id like to|i want to|i would like to|can (?:i|we)|could (?:i|we)|we should) (?:just |please )*(?:talk|speak|meet)"
    r" (?:to|with) (?:your|the|a|that) (?:specialist|expert)\b",
    "asks_indirectly": r"\b(?:(?:i|we) (?:\w+ )?(?:want|wanted|need|would like|like) to|id (?:\w+ )?like to|wed like to) (?:know|ask|find out|see)"
    r" (?:if|whether|how|what|when|where|which|who)\b|\b(?:im|i was|i am) (?:just )?wondering (?:if|whether|how|what|when)\b"
    r"|^(?:please |just |so |and )*tell me (?:if|whether|how|what|when|where|which|who)\b",
    "asks_midway": r"\b(?:how (?:much|long|many|do|does|is|are|soon|secure|would)|what (?:is|are|does|do|kind|about|happens|would"
    r"|if)|whats|do you (?:have|support|offer|work|integrate|record|guys)"
    r"|does it|can it|is it|is there|are there|can (?:i|we|you)|will it|which \w+)\b",
    "asks_if_all": r"\b(?:anything|something) else$|\bis that (?:all|it|everything)$",
    "takes_it": r"\bwill do\b|\b(?:ill|i will|well|we will) (?:let|tell|pass|give|make sure)\b",
    "asks_our_number": r"\b(?:what|whats|which|a|your|the best)\b.{0,16}\bnumber\b.{0,24}\b(?:reach|call|get|ring|back|for you)\b"
    r"|\bwhat(?:s| is) your (?:phone |call ?back )?number\b",
    "asks_reason": r"\bwhat(?:s| is| was|s)? (?:is )?(?:this|it|that) (?:call )?(?:is |all )?(?:about|for|regarding|concerning|in regards? to)\b|\bwhat(?:s| is) this$"
    r"|\bwhy (?:are|did|do) you (?:even )?(?:call|calling)\b",
    # What a machine is asked for fun, or to lead it astray.
    "asks_beside": r"\bsystem prompt\b|\b(?:ignore|forget|disregard) (?:(?:all|any|your|the|these|those|of) )*"
    r"(?:(?:previous|prior|earlier|above) )?(?:instructions?|rules|prompts?)\b"
    r"|\b(?:tell|sing|write|read) (?:me |us )?an? (?:\w+ )?(?:joke|story|song|poem|essay)\b",
    "corrects": r"^(?:(?:oh|um|uh|wait|sorry|no|nope|hang on|hold on) )*(?:actually|correction|i meant|i mean|i said"
    r"|let me correct|thats wrong|thats not right)\b|^(?:no|nope|wait|sorry) (?:sorry |no |wait )*(?:its|it is|i|my"
    r"|the|we|not|thats|that is|\d|[a-z]+ty\b|[a-z]+teen\b)|\b(?:actually|sorry|i meant) (?:my|its|the|we|it is"
    r"|make)\b|\bnot \w+ (?:but|its)\b",
    "does_not_know": r"\b(?:dont (?:really )?know|do not know|not sure|no idea|dunno|no clue|couldnt (?:say|tell)|cant (?:say|tell)"
    r"|hard to say|havent (?:decided|thought)|not decided|rather not|prefer not|not comfortable"
    r"|none of your business|its (?:private|confidential)|depends"
    r"|it varies|you tell me|who knows|skip)\b|^(?:maybe|perhaps|possibly|could be|probably)(?: so| not)?$",
    "names_offer": r"\b(?:first|second|earlier|later|last) (?:time|slot|option)\b",
    # So plain that it goes before what was taken for a name.
    "introduces": r"\b(?:my|the) name(?:s| is)\b|\bi am called\b|\bi go by\b",
    "wishes_well": r"\bhave a (?:very |really )?(?:blessed|good|great|nice|lovely|wonderful|pleasant|fine) (?:day|one|evening|weekend|night|afternoon|morning|week)\b"
    r"|\btake care(?: now| then)?$",
    "bye": r"\b(?:bye|goodbye|adios|ciao|tsch[u\u00fc]ss|au revoir)\b",
    # Somebody who had asked to wait goes on.
    "back": r"\b(?:im|i am) (?:back|ready)\b|\bback now\b|\bthanks for (?:waiting|holding)\b|^(?:okay )?(?:ready|go ahead)$",
    "misdialled": r"\b(?:sorry|oops|whoops)\b.{0,12}\bwrong number\b|\bi (?:must have |have |ve )?(?:dialed|dialled|called"
    r"|got) (?:the|a) wrong number\b|^(?:(?:oh|um|ah) )?wrong number(?: sorry| my bad| apologies)*$",
    "missed_call": r"\bmissed (?:a |your )?call\b|\b(?:you|somebody|someone|this number) (?:just )?(?:called|rang|phoned) me\b"
    r"|\b(?:got|had|have|received) (?:a|your) (?:missed call|voice ?mail|message|call) (?:from|on)\b",
    "abuse": r"\b(?:fuck\w*|motherfuck\w*|shit(?:ty|head)?|bullshit|asshole|bitch|bastard|cunt|dickhead|moron|idiot"
    r"|retard(?:ed)?|scumbag|piss off|screw you|go to hell|shut up|shut the|kiss my ass|kill yourself|you suck"
    r"|(?:stupid|dumb|useless|worthless) (?:bot|robot|machine|ai|thing|piece|computer|program|woman|man))\b"
    r"|\byou(?:re| are) (?:so |really |such an? )?(?:stupid|dumb|useless|worthless|pathetic|an idiot|annoying"
    r"|a joke)\b",
    # Without any of these, and of the next, nobody asks for peace.
    "of_contact": r"call|phone|ring|contact|text|mail|number|list|message|bother|harass|subscri|opt|remov|delet|record|database|again|alone|stop",
    "of_refusing": r"\b(?:no|not|never|dont|do not|wont|stop\w*|off|out|remov\w+|delet\w+|unsubscrib\w+|leav\w+|quit|cease|enough|again|any ?more"
    r"|sick|tired|hate|harass\w*|bother\w*|annoy\w*|spam\w*|lose|lost|forget|alone|why|keep|always|constantly|every|these|those)\b",
    "of_paying": r"\b(?:card|account|order|invoice|bank) numbers?\b|\bsign (?:me|us) up\b",
    # Somebody who has the product already and needs help: nothing a seller can do.
    "support": r"\b(?:im|i am|were|we are|as|already) an? (?:existing |current )?(?:customer|client)\b"
    r"(?! (?:success|service|support|care|experience|relations))"
    r"|\bmy (?:existing )?(?:invoice|bill|account|login|password|order|subscription)"
    r" (?:is|was|isnt|wasnt|has|got|doesnt|didnt|never|still|keeps)\b"
    r"|\bcall(?:ing|ed)? (?:about|regarding|because of) (?:my|our|an|the) (?:\w+ )?(?:invoice|bill|account|login|order|subscription|refund)\b"
    r"|\b(?:problem|issue|mistake|error|something wrong)s? (?:with|on|in) (?:my|our) (?:\w+ )?(?:invoice|bill|account|login|order|subscription)\b"
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
    r"|(?:wont|doesnt|didnt|isnt) (?:work|working|answer|answering|respond|responding|load|loading)(?! with| in| on| for))\b",
    # A wish the law gives weight to, and that a person has to carry out.
    "erase": r"(?<!can i )(?<!could i )(?<!do i )(?<!to )\b(?:delete|erase|remove|wipe) (?:all )?(?:of )?my (?:personal )?"
    r"(?:data|information|info|details|records?)\b|\bright to be forgotten\b"
    r"|\b(?:have|get|want|like|need) (?:all )?(?:of )?my (?:personal )?(?:data|information|info|details|records?)"
    r" (?:to be )?(?:deleted|erased|removed|wiped)\b",
    "upset": r"\bthis is (?:just |really |so |absolutely |completely |totally )*"
    r"(?:ridiculous|unacceptable|outrageous|a disgrace|infuriating)\b|\bthats (?:\w+ )?(?:unacceptable|outrageous)\b"
    r"|\b(?:im|i am) (?:just |really |so |very |absolutely )*(?:furious|fed up|livid|angry|disgusted)\b"
    r"|\b(?:file|make|have|lodge) a (?:formal )?complaint\b|\b(?:terrible|horrible|awful|worst) (?:service|support|experience)\b",
    "asks_why_still": r"\bwhy (?:are|do|did) you (?:still|keep|even|calling|talking)\b",
    "complains": r"\byou (?:people |guys |all |have |ve |already |just )*(?:called|rang|phoned) (?:me|us|here) (?:(?:\w+ )?times"
    r"|again)\b"
    r"|\byou (?:people |guys |all )?(?:keep|always|never stop) (?:on )?(?:calling|ringing|phoning)\b",
}

_AT_THE_START: Final[dict[Sign, str]] = {
    # Something, rather than somebody.
    "asks_when_it_comes": r"(?:(?:and|so|ok|okay|but) )*when (?:will|would|does|do|is|are) (?!.*\b(?:i|we|you|me|us|specialist|call|meeting|demo|appointment)\b)",
    # They ask how it goes, and do not ask for it.
    "asks_how_later": r"(?:so )?(?:can|could|do|how do|how can|how would|what if) i\b",
    "asks_who_calls": r"(?:(?:and|so|ok|okay|but|sorry) )*(?:whos?|who is|will (?:you|somebody|someone)|do i|should i) ",
    "asks_fact": r"(?:who|where|which) ",
    # May well be about the product: somebody knows it.
    "asks_of_us": r"(?:(?:and|but|so|ok|okay|well) )*(?:how (?:do|can|would|could|does) (?:i|we|it|this)|can (?:i|we|it|this)"
    r"|could (?:i|we|it)|does (?:it|this)|is (?:it|this|that|there)|are there|do you (?:have|support|offer|integrate|provide"
    r"|ship|deliver|sell|serve|cover|operate|work|charge|take|accept))\b",
    # In front of news it agrees to nothing: "ok so about 4000 a month".
    "goes_on": r"(?:ok|okay|alright|all right|right|well)\b",
    # The reason for what was said before, and not said a second time: "I can't talk now. I'm driving.".
    "why_not_now": r"(?:(?:and|sorry|because|cause) )*(?:im|i am|were|we are) (?:just |still |actually )?(?:driving|in|at|on|with|out|eating|walking"
    r"|working|cooking)\b",
}

_ALL_OF_IT: Final[dict[Sign, str]] = {
    # As those say it who leave out a word: "is correct".
    "confirms": r"(?:(?:yes|yeah|yep|ok) )*(?:(?:it )?is|thats|it is) (?:correct|right|good|fine|perfect)(?: (?:yes|yeah|thanks|thank you))*|(?:yes|yeah) it is",
    "announces_question": r"(?:(?:hi|hello|hey|yes|yeah|so|ok|okay|actually|oh|well|um|no|wait|sorry|first) )*(?:i|we) (?:just |only |also |still |do )*"
    r"(?:have|had|got|ve got) (?:just |a |some |another |one |two |few |quick |more |couple of |little )*questions?"
    r"(?: (?:first|please|though|for you|about (?:it|that|this)))*|(?:(?:and|so|ok|okay|hi|hello) )*(?:can|could|may) i"
    r" ask (?:you )?(?:something|a (?:quick )?question|one (?:more )?thing)(?: (?:first|please))*",
    "only_looks": r"(?:(?:no|nah|oh|well|um|yeah|ok|okay|really|im|i am|were|we are|actually|honestly|at the moment|right now) )*"
    r"(?:just|only|simply) (?:\w+ )?(?:looking|browsing|curious|having a look|checking (?:it|this|you|things) out)"
    r"(?: (?:around|really|for now|at the moment|right now|actually|so far|thanks|thank you|to be honest))*",
    "adds_to_question": r"and (?:(?:with|for|in|also) )?(?!(?:i|im|we|were|you|it|then|so|that|yes|no|now|my|our)\b)\w+(?: \w+){0,2}",
    "only_yes": r"(?:(?:actually|oh|well|um) )*(?:yes|yep|yeah|yup|sure|i do|there is)(?: (?:please|i do|there is|actually))?",
    "only_thanks": r"(?:(?:ok|okay|great|perfect|cool|alright|all right|good|awesome|thats great|sounds good|lovely) )*"
    r"(?:thanks|thank you)(?: (?:so much|very much|a lot|then|for your help))?",
    # When, where a time is at issue; a greeting elsewhere.
    "only_part_of_day": r"(?:in the |the |maybe |better )*(?:morning|afternoon|evening)(?: please)?",
    # One of the times on offer, and not the first of the month.
    "only_choice": r"(?:(?:ok|okay|yes|sure|lets do|ill take|id take|take|maybe|no|sorry) )*the (?:first|second|third|last)"
    r"(?: (?:then|please|works|is (?:fine|good|better)))*",
    # Of somebody who has said no before; else it may only mean that the agent talks too long.
    "stop": r"(?:(?:please|just|ok|now) )*(?:stop|unsubscribe|cease)(?: (?:it|this|that|please|now))*",
}

_READERS: Final = {
    **{sign: re.compile(words).search for sign, words in _ANYWHERE.items()},
    **{sign: re.compile(words).match for sign, words in _AT_THE_START.items()},
    **{sign: re.compile(words).fullmatch for sign, words in _ALL_OF_IT.items()},
}


def says(plain: str, sign: Sign) -> bool:
    """``plain``: lower case, no punctuation or apostrophes, single spaces."""
    return _READERS[sign](plain) is not None

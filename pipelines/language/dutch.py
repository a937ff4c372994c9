"""Dutch. Callers are said "u" to."""

from pipelines.language.own_words import OwnWords, phrases_in

DUTCH = OwnWords(
    phrases={
        "One moment.": "Een moment.",
        "One moment, please.": "Een moment, alstublieft.",
        "That takes a moment.": "Dat duurt even.",
        "Let me look that up.": "Ik zoek het even op.",
        "Let me have a look at the site.": "Ik kijk even op de website.",
        "One moment, I'm looking at the calendar.": "Een moment, ik kijk in de agenda.",
        "Let me put that in the calendar.": "Ik zet het in de agenda.",
        "Let me take that off the calendar.": "Ik haal het uit de agenda.",
        "This call is recorded; tell me if you don't want that.": (
            "Dit gesprek wordt opgenomen; zeg het me als u dat niet wilt."
        ),
        "All right. The recording is stopped, and what there was of it is deleted.": (
            "In orde. De opname is gestopt en wat er al was, is verwijderd."
        ),
        "I am sorry, all our lines are busy. Please call again in a few minutes.": (
            "Het spijt me, al onze lijnen zijn bezet. Belt u over een paar minuten nog eens."
        ),
        "I am sorry, this is an automated call that cannot go on just now. Goodbye.": (
            "Het spijt me, dit is een automatisch gesprek dat nu niet verder kan gaan. Tot ziens."
        ),
        "I am sorry, nobody is free right now. A colleague will call you back.": (
            "Het spijt me, er is nu niemand vrij. We bellen u terug."
        ),
        "I am sorry, something went wrong on our side. Please call again.": (
            "Het spijt me, er is bij ons iets misgegaan. Belt u alstublieft nog eens."
        ),
        "I am sorry, something went wrong on our side. One moment, please.": (
            "Het spijt me, er is bij ons iets misgegaan. Een moment, alstublieft."
        ),
        "Hello, this is {agent} from {company}. How can I help you?": (
            "Goedendag, u spreekt met {agent} van {company}. Waarmee kan ik u helpen?"
        ),
        "Hello, this is {agent}. How can I help you?": "Goedendag, u spreekt met {agent}. Waarmee kan ik u helpen?",
        "I'm sorry, something went wrong just now. Could you say that again, please?": (
            "Excuses, er ging net iets mis. Kunt u dat alstublieft herhalen?"
        ),
        "I'm sorry, I can't answer that myself. I'm passing you on to a colleague.": (
            "Dat kan ik u helaas niet zelf beantwoorden. Ik verbind u door met iemand van het team."
        ),
        "I'm sorry, I can't help you any further right now. A colleague will get back to you. Goodbye.": (
            "Helaas kan ik u nu niet verder helpen. We nemen contact met u op. Tot ziens."
        ),
        "All right: you won't hear from us again. Goodbye.": "In orde: u hoort niet meer van ons. Tot ziens.",
        "Sorry, I did not catch that. Could you say it again?": ("Dat heb ik niet goed verstaan. Kunt u het herhalen?"),
        "Are you still there?": "Bent u er nog?",
        "Goodbye.": "Tot ziens.",
        "I would like to talk to a person.": "Ik wil graag een mens spreken.",
        "The agent could not answer.": "De AI-assistent kon niet antwoorden.",
        "Hello {first}, this is {who}.": "Goedendag {first}, u spreekt met {who}.",
        "Hello, this is {who}.": "Goedendag, u spreekt met {who}.",
        "{name}, the AI assistant at {company}": "{name}, de AI-assistent van {company}",
        "{name}, an AI assistant on the sales team": "{name}, een AI-assistent van het verkoopteam",
        "I'm calling about {purpose}.": "Ik bel over {purpose}.",
        "I was calling about {purpose}.": "Ik belde over {purpose}.",
        "If you want no more calls, just say so. Do you have a moment?": (
            "Wilt u niet meer gebeld worden, zeg het dan gewoon. Heeft u even tijd?"
        ),
        "I'm sorry I missed you. You can call us back at {number}.": (
            "Jammer dat ik u niet trof. U kunt ons terugbellen op {number}."
        ),
        "If you want no more calls, just say so there. Goodbye.": (
            "Wilt u niet meer gebeld worden, zeg het daar dan gewoon. Tot ziens."
        ),
        "plus": "plus",
        "A caller wants to talk to a person.": "Iemand aan de telefoon wil een mens spreken.",
        "A call from {who}.": "Een gesprek van {who}.",
        "{name} of {company}": "{name} van {company}",
        "{text} and so on.": "{text} enzovoort.",
        "Press any key to take the call.": "Druk op een willekeurige toets om het gesprek aan te nemen.",
        "No more messages?": "Geen berichten meer?",
        "You will get no more messages from {company} like the one you come from.": (
            "U krijgt van {company} geen berichten meer zoals dat waar u vandaan komt."
        ),
        "You will get no more messages like the one you come from.": (
            "U krijgt geen berichten meer zoals dat waar u vandaan komt."
        ),
        "To get no more of these messages:": "Geen berichten meer zoals dit:",
        "Unsubscribe": "Afmelden",
        "You are unsubscribed": "U bent afgemeld",
        "No more messages like it will be sent to this address.": (
            "Naar dit adres gaan geen berichten van deze soort meer."
        ),
        "This link is not whole": "Deze link is niet volledig",
        "Open it from the message once more, or answer that you want no more.": (
            "Open hem nog eens vanuit het bericht, of antwoord dat u er geen meer wilt."
        ),
        "Meeting with {host}": "Afspraak met {host}",
        "{host} and {guest}": "{host} en {guest}",
        "Cancelled: {title}": "Geannuleerd: {title}",
        "We are looking forward to talking with you on {when}.": "We kijken ernaar uit u te spreken op {when}.",
        "The attached file puts it into your calendar.": "Met het bijgevoegde bestand staat de afspraak in uw agenda.",
        "Our meeting on {when} is cancelled.": "Onze afspraak op {when} is geannuleerd.",
        "Our invitation to a meeting on {when} is withdrawn here: it goes to another address now.": (
            "Onze uitnodiging voor een afspraak op {when} vervalt hier: ze gaat nu naar een ander adres."
        ),
        # Messages to people, by rules.
        "Hi {name},": "Beste {name},",
        "Hi,": "Hallo,",
        "I understand that you are looking into this: {need}.": "Ik begrijp dat u hiermee bezig bent: {need}.",
        "I would like to learn how you handle enquiries at {company} today.": (
            "Ik hoor graag hoe u bij {company} nu met aanvragen omgaat."
        ),
        "I would like to learn how you handle enquiries today.": "Ik hoor graag hoe u nu met aanvragen omgaat.",
        "I am {name} from {company}.": "Ik ben {name} van {company}.",
        "I would gladly show you how others go about it, and find out whether it suits you.": (
            "Ik laat u graag zien hoe anderen dat aanpakken, zodat we weten of het bij u past."
        ),
        "It takes a quarter of an hour.": "Het kost een kwartier.",
        "Would a short call next week be of use?": "Schikt volgende week een kort gesprek?",
        "Is that of interest to you?": "Is dat interessant voor u?",
        "It was about this: {need}.": "Het ging hierover: {need}.",
        "I wrote to you some days ago, perhaps at a bad moment.": (
            "Ik schreef u enkele dagen geleden, misschien op een slecht moment."
        ),
        "I do not want to fill your inbox, so this is short.": "Ik wil uw inbox niet vullen, dus houd ik het kort.",
        "If it is not for now, that is fine: one word is enough, and I leave it.": (
            "Komt het nu niet uit, dan is dat prima: één woord is genoeg en ik laat het erbij."
        ),
        "A question about {company}": "Een vraag over {company}",
        "An idea for {company}": "Een idee voor {company}",
        "Worth a short talk?": "Een kort gesprek?",
        "I came across your work and wondered whether this is on your mind: {need}.": (
            "Ik kwam uw werk tegen en vroeg me af of dit u bezighoudt: {need}."
        ),
        "I came across your work and would like to know how your team handles enquiries.": (
            "Ik kwam uw werk tegen en hoor graag hoe uw team met aanvragen omgaat."
        ),
        "Is this a good moment?": "Komt het nu gelegen?",
        "I have one question for you.": "Ik heb één vraag voor u.",
        "I am calling about this: {need}.": "Ik bel u hierover: {need}.",
        "How do you handle it today?": "Hoe doet u dat nu?",
        "What would have to change for it to be worth your time?": (
            "Wat zou er moeten veranderen om het de moeite waard te maken?"
        ),
        "If not interested: That is fine. May I ask what you use instead?": (
            "Bij geen interesse: Dat is prima. Mag ik vragen wat u in plaats daarvan gebruikt?"
        ),
        "In the end: Shall we find a quarter of an hour next week?": "Tot slot: Vinden we volgende week een kwartier?",
    },
    going_on=frozenset(
        "en of maar omdat dat als wanneer want dus voor met zonder van naar de een mijn onze ons uw heel"
        " ongeveer eh uhm".split()
    ),
    signals=phrases_in(
        "ja, ja ja, jawel, oke, ok, okay, precies, klopt, dat klopt, juist, goed, heel goed, prima, natuurlijk, zeker,"
        " ik snap het, ik begrijp het, begrepen, duidelijk, mooi, leuk, interessant, echt, oh ja, o ja, aha, akkoord,"
        " top, inderdaad, is goed"
    ),
    answers=frozenset("ja jawel oke ok okay precies klopt juist goed prima natuurlijk zeker akkoord graag".split()),
    floor_taking=frozenset(
        "stop wacht nee hallo sorry pardon wat wie waarom wanneer waar hoe maar vraag hulp help genoeg mens persoon"
        " medewerker moment".split()
    ),
    no_recording=(
        r"\b(?:niet|nooit|geen|zonder|stop\w*|wis\w*|verwijder\w*) (?:\w+ ){0,5}"
        r"(?:op ?ne(?:men|emt)|opgenomen|opname\w*)\b"
        r"|\bne(?:em|emt|men) (?:\w+ ){0,4}niet (?:\w+ )?op\b"
        r"|\bopname\w* (?:\w+ ){0,3}(?:stop\w*|uit|uitzetten|wissen|verwijder\w*|niet)\b"
    ),
    recording=r"\b(?:word\w*|neem\w*|nemen) (?:\w+ ){0,5}(?:opgenomen|op)\b",
    no_calls=(
        r"\b(?:bel|belt|benader|benadert|contacteer) (?:\w+ ){0,3}(?:niet|nooit) (?:meer|weer)\b"
        r"|\b(?:niet|nooit) meer (?:\w+ ){0,2}(?:gebeld|benaderd|lastiggevallen) (?:te )?word\w*"
        r"|\b(?:niet|nooit) meer (?:willen )?worden gebeld\b"
        r"|\b(?:mij|me|ons|dit nummer) (?:\w+ ){0,2}(?:niet|nooit) meer (?:\w+ ){0,2}(?:bellen|benaderen)\b"
        r"|\b(?:wil|willen|wens|wensen) (?:\w+ ){0,3}geen (?:\w+ )?(?:telefoontjes|oproepen) meer\b"
        r"|\b(?:haal|verwijder|schrap|wis) (?:\w+ )?(?:mij|me|ons|(?:mijn|ons|dit) nummer) (?:\w+ ){0,3}"
        r"\w*(?:lijst|bestand|database)\b"
        r"|\b(?:verwijder|wis) (?:mijn|ons|dit) (?:telefoon)?nummer\b"
        r"|\blaat (?:\w+ )?(?:me|mij|ons) met rust\b"
    ),
)

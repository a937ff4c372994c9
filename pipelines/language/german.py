"""German. Callers are said "Sie" to."""

from pipelines.language.own_words import OwnWords, phrases_in

GERMAN = OwnWords(
    phrases={
        # While a tool runs.
        "One moment.": "Einen Moment.",
        "One moment, please.": "Einen Moment bitte.",
        "That takes a moment.": "Das dauert einen Moment.",
        "Let me look that up.": "Ich sehe kurz nach.",
        "Let me have a look at the site.": "Ich sehe mir die Website kurz an.",
        "One moment, I'm looking at the calendar.": "Einen Moment, ich sehe in den Kalender.",
        "Let me put that in the calendar.": "Ich trage das in den Kalender ein.",
        "Let me take that off the calendar.": "Ich nehme das aus dem Kalender.",
        # Recording.
        "This call is recorded; tell me if you don't want that.": (
            "Dieses Gespräch wird aufgezeichnet; sagen Sie mir, wenn Sie das nicht möchten."
        ),
        "All right. The recording is stopped, and what there was of it is deleted.": (
            "In Ordnung. Die Aufzeichnung ist beendet, und was es davon gab, ist gelöscht."
        ),
        # Where no agent can talk.
        "I am sorry, all our lines are busy. Please call again in a few minutes.": (
            "Leider sind gerade alle Leitungen besetzt. Bitte rufen Sie in einigen Minuten noch einmal an."
        ),
        "I am sorry, this is an automated call that cannot go on just now. Goodbye.": (
            "Entschuldigung, dies ist ein automatischer Anruf, der gerade nicht weitergehen kann. Auf Wiederhören."
        ),
        "I am sorry, nobody is free right now. A colleague will call you back.": (
            "Leider ist gerade niemand frei. Wir rufen Sie zurück."
        ),
        "I am sorry, something went wrong on our side. Please call again.": (
            "Entschuldigung, bei uns ist etwas schiefgegangen. Bitte rufen Sie noch einmal an."
        ),
        "I am sorry, something went wrong on our side. One moment, please.": (
            "Entschuldigung, bei uns ist etwas schiefgegangen. Einen Moment bitte."
        ),
        # What rules say where no model answers.
        "Hello, this is {agent} from {company}. How can I help you?": (
            "Guten Tag, hier ist {agent} von {company}. Wie kann ich Ihnen helfen?"
        ),
        "Hello, this is {agent}. How can I help you?": "Guten Tag, hier ist {agent}. Wie kann ich Ihnen helfen?",
        "I'm sorry, something went wrong just now. Could you say that again, please?": (
            "Entschuldigung, da ist gerade etwas schiefgegangen. Können Sie das bitte noch einmal sagen?"
        ),
        "I'm sorry, I can't answer that myself. I'm passing you on to a colleague.": (
            "Das kann ich Ihnen leider nicht selbst beantworten. Ich gebe Sie an einen Menschen aus dem Team weiter."
        ),
        "I'm sorry, I can't help you any further right now. A colleague will get back to you. Goodbye.": (
            "Leider kann ich Ihnen gerade nicht weiterhelfen. Wir melden uns bei Ihnen. Auf Wiederhören."
        ),
        "All right: you won't hear from us again. Goodbye.": (
            "In Ordnung: Sie hören nicht mehr von uns. Auf Wiederhören."
        ),
        "Sorry, I did not catch that. Could you say it again?": (
            "Das habe ich leider nicht verstanden. Können Sie es noch einmal sagen?"
        ),
        "Are you still there?": "Sind Sie noch da?",
        "Goodbye.": "Auf Wiederhören.",
        "I would like to talk to a person.": "Ich möchte mit einem Menschen sprechen.",
        "The agent could not answer.": "Die KI-Assistenz konnte nicht antworten.",
        # Calls of ours.
        "Hello {first}, this is {who}.": "Guten Tag {first}, hier ist {who}.",
        "Hello, this is {who}.": "Guten Tag, hier ist {who}.",
        "{name}, the AI assistant at {company}": "{name}, die KI-Assistenz von {company}",
        "{name}, an AI assistant on the sales team": "{name}, eine KI-Assistenz aus dem Vertrieb",
        "I'm calling about {purpose}.": "Es geht um {purpose}.",
        "I was calling about {purpose}.": "Es ging um {purpose}.",
        "If you want no more calls, just say so. Do you have a moment?": (
            "Wenn Sie keine Anrufe mehr möchten, sagen Sie es einfach. Haben Sie einen Moment Zeit?"
        ),
        "I'm sorry I missed you. You can call us back at {number}.": (
            "Schade, dass ich Sie nicht erreicht habe. Sie können uns unter {number} zurückrufen."
        ),
        "If you want no more calls, just say so there. Goodbye.": (
            "Wenn Sie keine Anrufe mehr möchten, sagen Sie es dort einfach. Auf Wiederhören."
        ),
        "plus": "plus",
        # To a colleague who takes a call.
        "A caller wants to talk to a person.": "Jemand am Telefon möchte mit einem Menschen sprechen.",
        "A call from {who}.": "Ein Anruf von {who}.",
        "{name} of {company}": "{name} von {company}",
        "{text} and so on.": "{text} und so weiter.",
        "Press any key to take the call.": "Drücken Sie eine beliebige Taste, um den Anruf anzunehmen.",
        # The page where one wants no more messages.
        "No more messages?": "Keine Nachrichten mehr?",
        "You will get no more messages from {company} like the one you come from.": (
            "Sie bekommen von {company} keine Nachrichten mehr wie die, von der Sie kommen."
        ),
        "You will get no more messages like the one you come from.": (
            "Sie bekommen keine Nachrichten mehr wie die, von der Sie kommen."
        ),
        "To get no more of these messages:": "Keine weiteren Nachrichten dieser Art:",
        "Unsubscribe": "Abmelden",
        "You are unsubscribed": "Sie sind abgemeldet",
        "No more messages like it will be sent to this address.": (
            "An diese Adresse gehen keine solchen Nachrichten mehr."
        ),
        "This link is not whole": "Dieser Link ist nicht vollständig",
        "Open it from the message once more, or answer that you want no more.": (
            "Öffnen Sie ihn noch einmal aus der Nachricht, oder antworten Sie, dass Sie keine mehr möchten."
        ),
        # Invitations to meetings.
        "Meeting with {host}": "Termin mit {host}",
        "{host} and {guest}": "{host} und {guest}",
        "Cancelled: {title}": "Abgesagt: {title}",
        "We are looking forward to talking with you on {when}.": "Wir freuen uns auf das Gespräch mit Ihnen am {when}.",
        "The attached file puts it into your calendar.": "Mit der angehängten Datei steht es in Ihrem Kalender.",
        "Our meeting on {when} is cancelled.": "Unser Termin am {when} ist abgesagt.",
        "Our invitation to a meeting on {when} is withdrawn here: it goes to another address now.": (
            "Unsere Einladung zu einem Termin am {when} gilt hier nicht mehr: Sie geht jetzt an eine andere Adresse."
        ),
        # Messages to people, by rules. What stands behind a salutation goes on in small letters.
        "Hi {name},": "Guten Tag {name},",
        "Hi,": "Guten Tag,",
        "I understand that you are looking into this: {need}.": (
            "ich habe verstanden, dass Sie sich damit beschäftigen: {need}."
        ),
        "I would like to learn how you handle enquiries at {company} today.": (
            "ich würde gern erfahren, wie Sie bei {company} heute mit Anfragen umgehen."
        ),
        "I would like to learn how you handle enquiries today.": (
            "ich würde gern erfahren, wie Sie heute mit Anfragen umgehen."
        ),
        "I am {name} from {company}.": "Ich bin {name} von {company}.",
        "I would gladly show you how others go about it, and find out whether it suits you.": (
            "Gern zeige ich Ihnen, wie andere das angehen, und wir sehen, ob es zu Ihnen passt."
        ),
        "It takes a quarter of an hour.": "Das dauert eine Viertelstunde.",
        "Would a short call next week be of use?": "Passt Ihnen nächste Woche ein kurzes Gespräch?",
        "Is that of interest to you?": "Ist das für Sie interessant?",
        "It was about this: {need}.": "Es ging um Folgendes: {need}.",
        "I wrote to you some days ago, perhaps at a bad moment.": (
            "ich habe Ihnen vor einigen Tagen geschrieben, vielleicht im falschen Moment."
        ),
        "I do not want to fill your inbox, so this is short.": (
            "ich möchte Ihr Postfach nicht füllen, deshalb nur kurz."
        ),
        "If it is not for now, that is fine: one word is enough, and I leave it.": (
            "Wenn es jetzt nicht passt, ist das in Ordnung: Ein Wort genügt, und ich lasse es dabei."
        ),
        "A question about {company}": "Eine Frage zu {company}",
        "An idea for {company}": "Eine Idee für {company}",
        "Worth a short talk?": "Ein kurzes Gespräch?",
        "I came across your work and wondered whether this is on your mind: {need}.": (
            "ich bin auf Ihre Arbeit gestoßen und habe mich gefragt, ob Sie das gerade beschäftigt: {need}."
        ),
        "I came across your work and would like to know how your team handles enquiries.": (
            "ich bin auf Ihre Arbeit gestoßen und wüsste gern, wie Ihr Team mit Anfragen umgeht."
        ),
        "Is this a good moment?": "Passt es Ihnen gerade?",
        "I have one question for you.": "Ich habe eine Frage an Sie.",
        "I am calling about this: {need}.": "Ich rufe deswegen an: {need}.",
        "How do you handle it today?": "Wie machen Sie das heute?",
        "What would have to change for it to be worth your time?": (
            "Was müsste sich ändern, damit es sich für Sie lohnt?"
        ),
        "If not interested: That is fine. May I ask what you use instead?": (
            "Wenn kein Interesse besteht: Das ist in Ordnung. Darf ich fragen, was Sie stattdessen nutzen?"
        ),
        "In the end: Shall we find a quarter of an hour next week?": (
            "Zum Schluss: Finden wir nächste Woche eine Viertelstunde?"
        ),
    },
    going_on=frozenset(
        "und oder aber weil dass ob wenn denn sondern als wie fur von zum zur in im am uber der die den"
        " dem des eine einen einem einer mein meine unser unsere ihre seine sehr etwa ungefahr circa ahm"
        " ah".split()
    ),
    signals=phrases_in(
        "ja, jaja, ja ja, jo, jep, okay, ok, genau, stimmt, richtig, alles klar, klar, na klar, gut, sehr gut, schon,"
        " ach so, achso, aha, verstehe, ich verstehe, verstanden, super, prima, toll, perfekt, interessant, sicher,"
        " naturlich, eben, so ist es, einverstanden, passt, wunderbar, wirklich, echt, das stimmt, ganz genau, gerne"
    ),
    answers=frozenset(
        "ja jaja jo jep okay ok genau stimmt richtig klar gut sicher naturlich einverstanden passt gerne"
        " perfekt".split()
    ),
    floor_taking=frozenset(
        "stopp stop halt warte warten moment nein ne hallo was bitte entschuldigung verzeihung wer warum wieso wann wo"
        " wie aber frage hilfe genug mensch person mitarbeiter mitarbeiterin".split()
    ),
    no_recording=(
        r"\b(?:nicht|nie|kein\w*|ohne|stopp\w*|beend\w*|losch\w*) (?:\w+ ){0,5}"
        r"(?:(?:auf|mit)zeichn\w*|(?:auf|mit)gezeichnet|aufnehm\w*|aufgenommen|aufnahme\w*|mitschn\w*|mitgeschnitten)\b"
        r"|\b(?:aufzeichnung|aufnahme|mitschnitt)\w* (?:\w+ ){0,4}"
        r"(?:nicht|stopp\w*|beend\w*|losch\w*|abbrech\w*|aus|ab|aus(?:machen|schalten|stellen)|ab(?:schalten|stellen))\b"
        r"|\b(?:zeichne\w*|nehm\w*|nimm|schneide\w*) (?:\w+ ){0,5}nicht (?:\w+ ){0,2}(?:auf|mit)\b"
        r"|\b(?:widersprech\w*|widerspruch) (?:\w+ ){0,4}(?:aufzeichnung|aufnahme)\b"
    ),
    recording=(
        r"\b(?:wird|werde|werden|wurde|nehmen|nimmst|zeichnen|zeichnest|schneiden) (?:\w+ ){0,6}"
        r"(?:aufgezeichnet|aufgenommen|mitgeschnitten|auf|mit)\b"
    ),
    no_calls=(
        r"\b(?:ruf|rufen sie|melden sie sich|kontaktieren sie|belastigen sie) (?:\w+ ){0,4}"
        r"(?:nicht|nie|niemals|kein\w*) (?:mehr|wieder|noch ?mal)\b"
        r"|\b(?:nicht|nie) (?:mehr|wieder) (?:\w+ ){0,3}(?:angerufen|kontaktiert|belastigt) (?:zu )?werden\b"
        r"|\b(?:nicht|nie) (?:mehr|wieder) (?:bei )?(?:mir|mich|uns|hier) (?:\w+ )?an(?:ruf\w*|zuruf\w*)\b"
        r"|\b(?:will|wollen|mocht\w*|moecht\w*|wunsch\w*|bitte) (?:\w+ ){0,3}keine (?:weiteren )?(?:werbe ?)?anrufe"
        r" mehr\b"
        r"|\b(?:nehm\w*|streich\w*|losch\w*|entfern\w*) (?:sie )?(?:bitte )?"
        r"(?:mich|uns|(?:meine|unsere|diese) (?:telefon)?nummer) (?:\w+ ){0,3}\w*(?:liste|datenbank|kartei|verteiler)\b"
        r"|\b(?:streich\w*|losch\w*) (?:sie )?(?:bitte )?(?:meine|unsere|diese) (?:telefon)?nummer\b"
        r"|\blass\w* (?:sie )?(?:mich|uns) (?:\w+ ){0,2}in ruhe\b"
    ),
)

"""Italian. Callers are said "Lei" to."""

from pipelines.language.own_words import OwnWords, phrases_in

ITALIAN = OwnWords(
    phrases={
        "One moment.": "Un momento.",
        "One moment, please.": "Un momento, per favore.",
        "That takes a moment.": "Ci vuole un momento.",
        "Let me look that up.": "Controllo subito.",
        "Let me have a look at the site.": "Do un'occhiata al sito.",
        "One moment, I'm looking at the calendar.": "Un momento, guardo il calendario.",
        "Let me put that in the calendar.": "Lo segno in calendario.",
        "Let me take that off the calendar.": "Lo tolgo dal calendario.",
        "This call is recorded; tell me if you don't want that.": (
            "Questa chiamata è registrata; se non lo desidera, me lo dica."
        ),
        "All right. The recording is stopped, and what there was of it is deleted.": (
            "Va bene. La registrazione è stata fermata e quanto registrato è stato cancellato."
        ),
        "I am sorry, all our lines are busy. Please call again in a few minutes.": (
            "Ci dispiace, tutte le nostre linee sono occupate. La preghiamo di richiamare tra qualche minuto."
        ),
        "I am sorry, this is an automated call that cannot go on just now. Goodbye.": (
            "Ci scusi, questa è una chiamata automatica che al momento non può proseguire. Arrivederci."
        ),
        "I am sorry, nobody is free right now. A colleague will call you back.": (
            "Ci dispiace, al momento nessuno è disponibile. La richiameremo."
        ),
        "I am sorry, something went wrong on our side. Please call again.": (
            "Ci scusi, si è verificato un problema da parte nostra. La preghiamo di richiamare."
        ),
        "I am sorry, something went wrong on our side. One moment, please.": (
            "Ci scusi, si è verificato un problema da parte nostra. Un momento, per favore."
        ),
        "Hello, this is {agent} from {company}. How can I help you?": (
            "Buongiorno, sono {agent} di {company}. Come posso aiutarLa?"
        ),
        "Hello, this is {agent}. How can I help you?": "Buongiorno, sono {agent}. Come posso aiutarLa?",
        "I'm sorry, something went wrong just now. Could you say that again, please?": (
            "Mi scusi, c'è stato un problema. Può ripetere, per favore?"
        ),
        "I'm sorry, I can't answer that myself. I'm passing you on to a colleague.": (
            "Purtroppo non posso risponderLe io. La passo a una persona del team."
        ),
        "I'm sorry, I can't help you any further right now. A colleague will get back to you. Goodbye.": (
            "Purtroppo al momento non posso aiutarLa oltre. La ricontatteremo noi. Arrivederci."
        ),
        "All right: you won't hear from us again. Goodbye.": "Va bene: non La contatteremo più. Arrivederci.",
        "Sorry, I did not catch that. Could you say it again?": ("Non ho capito bene. Può ripetere?"),
        "Are you still there?": "È ancora in linea?",
        "Goodbye.": "Arrivederci.",
        "I would like to talk to a person.": "Vorrei parlare con una persona.",
        "The agent could not answer.": "L'assistente IA non ha potuto rispondere.",
        "Hello {first}, this is {who}.": "Buongiorno {first}, sono {who}.",
        "Hello, this is {who}.": "Buongiorno, sono {who}.",
        "{name}, the AI assistant at {company}": "{name}, l'assistente IA di {company}",
        "{name}, an AI assistant on the sales team": "{name}, un assistente IA del team commerciale",
        "I'm calling about {purpose}.": "La chiamo a proposito di {purpose}.",
        "I was calling about {purpose}.": "La chiamavo a proposito di {purpose}.",
        "If you want no more calls, just say so. Do you have a moment?": (
            "Se non vuole più chiamate, me lo dica pure. Ha un momento?"
        ),
        "I'm sorry I missed you. You can call us back at {number}.": (
            "Mi dispiace di non averLa trovata. Può richiamarci al numero {number}."
        ),
        "If you want no more calls, just say so there. Goodbye.": (
            "Se non vuole più chiamate, lo dica pure lì. Arrivederci."
        ),
        "plus": "più",
        "A caller wants to talk to a person.": "Qualcuno al telefono vuole parlare con una persona.",
        "A call from {who}.": "Una chiamata da {who}.",
        "{name} of {company}": "{name} di {company}",
        "{text} and so on.": "{text} e così via.",
        "Press any key to take the call.": "Prema un tasto qualsiasi per prendere la chiamata.",
        "No more messages?": "Nessun altro messaggio?",
        "You will get no more messages from {company} like the one you come from.": (
            "Non riceverà più da {company} messaggi come quello da cui proviene."
        ),
        "You will get no more messages like the one you come from.": (
            "Non riceverà più messaggi come quello da cui proviene."
        ),
        "To get no more of these messages:": "Per non ricevere più messaggi come questo:",
        "Unsubscribe": "Annulla l'iscrizione",
        "You are unsubscribed": "La sua iscrizione è annullata",
        "No more messages like it will be sent to this address.": (
            "A questo indirizzo non saranno più inviati messaggi di questo tipo."
        ),
        "This link is not whole": "Questo link non è completo",
        "Open it from the message once more, or answer that you want no more.": (
            "Lo apra ancora una volta dal messaggio, oppure risponda che non ne desidera più."
        ),
        "Meeting with {host}": "Appuntamento con {host}",
        "{host} and {guest}": "{host} e {guest}",
        "Cancelled: {title}": "Annullato: {title}",
        "We are looking forward to talking with you on {when}.": "Non vediamo l'ora di parlare con lei {when}.",
        "The attached file puts it into your calendar.": "Il file allegato lo inserisce nel suo calendario.",
        "Our meeting on {when} is cancelled.": "Il nostro appuntamento di {when} è annullato.",
        "Our invitation to a meeting on {when} is withdrawn here: it goes to another address now.": (
            "Il nostro invito a un appuntamento {when} qui non è più valido: ora va a un altro indirizzo."
        ),
        # Messages to people, by rules.
        "Hi {name},": "Buongiorno {name},",
        "Hi,": "Buongiorno,",
        "I understand that you are looking into this: {need}.": "Mi risulta che vi stiate occupando di questo: {need}.",
        "I would like to learn how you handle enquiries at {company} today.": (
            "Vorrei sapere come gestite oggi le richieste in {company}."
        ),
        "I would like to learn how you handle enquiries today.": "Vorrei sapere come gestite oggi le richieste.",
        "I am {name} from {company}.": "Sono {name} di {company}.",
        "I would gladly show you how others go about it, and find out whether it suits you.": (
            "Le mostro volentieri come fanno altri, per capire se fa al caso vostro."
        ),
        "It takes a quarter of an hour.": "Basta un quarto d'ora.",
        "Would a short call next week be of use?": "Le andrebbe bene una breve telefonata la prossima settimana?",
        "Is that of interest to you?": "Le interessa?",
        "It was about this: {need}.": "Si trattava di questo: {need}.",
        "I wrote to you some days ago, perhaps at a bad moment.": (
            "Le ho scritto alcuni giorni fa, forse nel momento sbagliato."
        ),
        "I do not want to fill your inbox, so this is short.": (
            "Non voglio riempire la Sua casella di posta, perciò sono poche righe."
        ),
        "If it is not for now, that is fine: one word is enough, and I leave it.": (
            "Se non è il momento, nessun problema: basta una parola e mi fermo qui."
        ),
        "A question about {company}": "Una domanda su {company}",
        "An idea for {company}": "Un'idea per {company}",
        "Worth a short talk?": "Ne parliamo un momento?",
        "I came across your work and wondered whether this is on your mind: {need}.": (
            "Ho conosciuto il Suo lavoro e mi chiedo se questo vi occupi ora: {need}."
        ),
        "I came across your work and would like to know how your team handles enquiries.": (
            "Ho conosciuto il Suo lavoro e vorrei sapere come il Suo team gestisce le richieste."
        ),
        "Is this a good moment?": "È un buon momento?",
        "I have one question for you.": "Ho una domanda per Lei.",
        "I am calling about this: {need}.": "La chiamo per questo: {need}.",
        "How do you handle it today?": "Come fate oggi?",
        "What would have to change for it to be worth your time?": (
            "Che cosa dovrebbe cambiare perché ne valga la pena?"
        ),
        "If not interested: That is fine. May I ask what you use instead?": (
            "Se non c'è interesse: Va bene così. Posso chiedere che cosa usate al suo posto?"
        ),
        "In the end: Shall we find a quarter of an hour next week?": (
            "Alla fine: Troviamo un quarto d'ora la prossima settimana?"
        ),
    },
    going_on=frozenset(
        "e ed o ma perche che se quando come dove quindi per con senza di del della dei delle a al alla"
        " in nel nella sul da dal tra fra il lo i gli le un uno una circa ehm".split()
    ),
    signals=phrases_in(
        "si, si si, ok, okay, va bene, certo, esatto, esattamente, giusto, vero, e vero, infatti, bene, molto bene,"
        " capisco, ho capito, capito, perfetto, ottimo, d accordo, ah, ah si, ecco, interessante, certamente, sicuro,"
        " assolutamente, davvero, bello"
    ),
    answers=frozenset("si ok okay certo esatto giusto vero bene perfetto ottimo accordo certamente sicuro".split()),
    floor_taking=frozenset(
        "stop fermo ferma aspetti aspetta no pronto scusi scusa cosa chi quando dove perche come ma domanda aiuto basta"
        " persona operatore ripeta momento".split()
    ),
    no_recording=(
        r"\b(?:non|senza|mai|smett\w*|ferm\w*|interromp\w*|cancell\w*|spegn\w*|elimin\w*) (?:\w+ ){0,6}registra\w*"
        r"|\bregistrazion\w* (?:\w+ ){0,3}(?:ferm\w*|interromp\w*|cancell\w*|no)\b"
    ),
    recording=r"\b(?:sta\w*|viene|vengo|sono|e|siamo|mi) (?:\w+ ){0,5}registra\w*",
    no_calls=(
        r"\bnon (?:mi |ci )?(?:ri)?(?:chiam|telefon|contatt|disturb)\w* (?:mai )?(?:piu|mai)\b"
        r"|\bnon (?:voglio|vogliamo|desidero) (?:mai )?piu (?:essere (?:ri)?(?:chiamat|contattat|disturbat)\w*"
        r"|(?:ricevere )?(?:le )?(?:vostre )?(?:chiamate|telefonate)|che (?:mi|ci) chiam\w*)"
        r"|\b(?:tolg|togl|cancell|rimuov|elimin)\w* (?:mi |ci )?(?:\w+ )?dall(?:a|o)? (?:vostr[ao] |su[ao] )?"
        r"(?:lista|elenco|archivio)\b"
        r"|\b(?:cancell|elimin)\w* (?:il )?(?:mio|nostro|questo) numero\b"
        r"|\b(?:smett\w*|piantatela|finitela) di (?:chiamar|telefonar|contattar|disturbar)\w*"
        r"|\blasci\w*(?:mi|ci) in pace\b|\bmi lasci in pace\b"
    ),
)

"""French. Callers are said "vous" to."""

from pipelines.language.own_words import OwnWords, phrases_in

FRENCH = OwnWords(
    phrases={
        "One moment.": "Un instant.",
        "One moment, please.": "Un instant, s'il vous plaît.",
        "That takes a moment.": "Cela prend un petit moment.",
        "Let me look that up.": "Je regarde cela tout de suite.",
        "Let me have a look at the site.": "Je jette un œil au site.",
        "One moment, I'm looking at the calendar.": "Un instant, je regarde l'agenda.",
        "Let me put that in the calendar.": "Je le note dans l'agenda.",
        "Let me take that off the calendar.": "Je le retire de l'agenda.",
        "This call is recorded; tell me if you don't want that.": (
            "Cet appel est enregistré ; dites-le-moi si vous ne le souhaitez pas."
        ),
        "All right. The recording is stopped, and what there was of it is deleted.": (
            "Très bien. L'enregistrement est arrêté, et ce qui existait est effacé."
        ),
        "I am sorry, all our lines are busy. Please call again in a few minutes.": (
            "Je suis désolée, toutes nos lignes sont occupées. Merci de rappeler dans quelques minutes."
        ),
        "I am sorry, this is an automated call that cannot go on just now. Goodbye.": (
            "Veuillez nous excuser, ceci est un appel automatique qui ne peut pas se poursuivre pour le moment. Au"
            " revoir."
        ),
        "I am sorry, nobody is free right now. A colleague will call you back.": (
            "Je suis désolée, personne n'est disponible pour le moment. Nous vous rappellerons."
        ),
        "I am sorry, something went wrong on our side. Please call again.": (
            "Veuillez nous excuser, un problème est survenu de notre côté. Merci de rappeler."
        ),
        "I am sorry, something went wrong on our side. One moment, please.": (
            "Veuillez nous excuser, un problème est survenu de notre côté. Un instant, s'il vous plaît."
        ),
        "Hello, this is {agent} from {company}. How can I help you?": (
            "Bonjour, ici {agent}, de {company}. Comment puis-je vous aider ?"
        ),
        "Hello, this is {agent}. How can I help you?": "Bonjour, ici {agent}. Comment puis-je vous aider ?",
        "I'm sorry, something went wrong just now. Could you say that again, please?": (
            "Excusez-moi, il y a eu un problème à l'instant. Pouvez-vous répéter, s'il vous plaît ?"
        ),
        "I'm sorry, I can't answer that myself. I'm passing you on to a colleague.": (
            "Je ne peux malheureusement pas vous répondre. Je vous passe quelqu'un de l'équipe."
        ),
        "I'm sorry, I can't help you any further right now. A colleague will get back to you. Goodbye.": (
            "Je ne peux malheureusement pas vous aider davantage pour le moment. Nous reviendrons vers vous. Au revoir."
        ),
        "All right: you won't hear from us again. Goodbye.": (
            "C'est entendu : nous ne vous contacterons plus. Au revoir."
        ),
        "Sorry, I did not catch that. Could you say it again?": ("Je n'ai pas bien compris. Pouvez-vous répéter ?"),
        "Are you still there?": "Vous êtes toujours là ?",
        "Goodbye.": "Au revoir.",
        "I would like to talk to a person.": "Je voudrais parler à une personne.",
        "The agent could not answer.": "L'assistant IA n'a pas pu répondre.",
        "Hello {first}, this is {who}.": "Bonjour {first}, ici {who}.",
        "Hello, this is {who}.": "Bonjour, ici {who}.",
        "{name}, the AI assistant at {company}": "{name}, l'assistant IA de {company}",
        "{name}, an AI assistant on the sales team": "{name}, un assistant IA de l'équipe commerciale",
        "I'm calling about {purpose}.": "Je vous appelle à propos de {purpose}.",
        "I was calling about {purpose}.": "Je vous appelais à propos de {purpose}.",
        "If you want no more calls, just say so. Do you have a moment?": (
            "Si vous ne voulez plus d'appels, dites-le simplement. Avez-vous un instant ?"
        ),
        "I'm sorry I missed you. You can call us back at {number}.": (
            "Dommage que je n'aie pas pu vous joindre. Vous pouvez nous rappeler au {number}."
        ),
        "If you want no more calls, just say so there. Goodbye.": (
            "Si vous ne voulez plus d'appels, dites-le simplement à ce numéro. Au revoir."
        ),
        "plus": "plus",
        "A caller wants to talk to a person.": "Quelqu'un au téléphone souhaite parler à une personne.",
        "A call from {who}.": "Un appel de {who}.",
        "{name} of {company}": "{name}, de {company}",
        "{text} and so on.": "{text} et ainsi de suite.",
        "Press any key to take the call.": "Appuyez sur n'importe quelle touche pour prendre l'appel.",
        "No more messages?": "Plus de messages ?",
        "You will get no more messages from {company} like the one you come from.": (
            "Vous ne recevrez plus de {company} de messages comme celui d'où vous venez."
        ),
        "You will get no more messages like the one you come from.": (
            "Vous ne recevrez plus de messages comme celui d'où vous venez."
        ),
        "To get no more of these messages:": "Pour ne plus recevoir ces messages :",
        "Unsubscribe": "Se désinscrire",
        "You are unsubscribed": "Vous êtes désinscrit",
        "No more messages like it will be sent to this address.": (
            "Aucun message de ce genre ne sera plus envoyé à cette adresse."
        ),
        "This link is not whole": "Ce lien est incomplet",
        "Open it from the message once more, or answer that you want no more.": (
            "Ouvrez-le encore une fois depuis le message, ou répondez que vous n'en voulez plus."
        ),
        "Meeting with {host}": "Rendez-vous avec {host}",
        "{host} and {guest}": "{host} et {guest}",
        "Cancelled: {title}": "Annulé : {title}",
        "We are looking forward to talking with you on {when}.": (
            "Nous nous réjouissons d'échanger avec vous le {when}."
        ),
        "The attached file puts it into your calendar.": "Le fichier joint l'ajoute à votre agenda.",
        "Our meeting on {when} is cancelled.": "Notre rendez-vous du {when} est annulé.",
        "Our invitation to a meeting on {when} is withdrawn here: it goes to another address now.": (
            "Notre invitation à un rendez-vous le {when} n'est plus valable ici : elle va à une autre adresse."
        ),
        # Messages to people, by rules.
        "Hi {name},": "Bonjour {name},",
        "Hi,": "Bonjour,",
        "I understand that you are looking into this: {need}.": "Si je comprends bien, ce sujet vous occupe : {need}.",
        "I would like to learn how you handle enquiries at {company} today.": (
            "J'aimerais savoir comment vous traitez aujourd'hui les demandes chez {company}."
        ),
        "I would like to learn how you handle enquiries today.": (
            "J'aimerais savoir comment vous traitez aujourd'hui les demandes."
        ),
        "I am {name} from {company}.": "Je suis {name}, de la société {company}.",
        "I would gladly show you how others go about it, and find out whether it suits you.": (
            "Je vous montrerais volontiers comment d'autres s'y prennent, pour voir si cela vous convient."
        ),
        "It takes a quarter of an hour.": "Un quart d'heure suffit.",
        "Would a short call next week be of use?": "Un court entretien la semaine prochaine vous conviendrait-il ?",
        "Is that of interest to you?": "Cela vous intéresse-t-il ?",
        "It was about this: {need}.": "Il s'agissait de ceci : {need}.",
        "I wrote to you some days ago, perhaps at a bad moment.": (
            "Je vous ai écrit il y a quelques jours, peut-être au mauvais moment."
        ),
        "I do not want to fill your inbox, so this is short.": (
            "Je ne veux pas encombrer votre boîte de réception : ce message est donc court."
        ),
        "If it is not for now, that is fine: one word is enough, and I leave it.": (
            "Si ce n'est pas le moment, aucun problème : un mot suffit et j'en reste là."
        ),
        "A question about {company}": "Une question sur {company}",
        "An idea for {company}": "Une idée pour {company}",
        "Worth a short talk?": "Un court échange ?",
        "I came across your work and wondered whether this is on your mind: {need}.": (
            "J'ai découvert votre travail et je me demande si ce sujet vous occupe : {need}."
        ),
        "I came across your work and would like to know how your team handles enquiries.": (
            "J'ai découvert votre travail et j'aimerais savoir comment votre équipe traite les demandes."
        ),
        "Is this a good moment?": "Est-ce le bon moment ?",
        "I have one question for you.": "J'ai une question à vous poser.",
        "I am calling about this: {need}.": "Je vous appelle à ce sujet : {need}.",
        "How do you handle it today?": "Comment faites-vous aujourd'hui ?",
        "What would have to change for it to be worth your time?": (
            "Que faudrait-il changer pour que cela en vaille la peine ?"
        ),
        "If not interested: That is fine. May I ask what you use instead?": (
            "En cas de refus : Aucun problème. Puis-je vous demander ce que vous utilisez à la place ?"
        ),
        "In the end: Shall we find a quarter of an hour next week?": (
            "À la fin : Trouvons-nous un quart d'heure la semaine prochaine ?"
        ),
    },
    going_on=frozenset(
        "et ou mais parce que qui dont quand comme car pour avec sans de du des d au aux en dans sous"
        " chez par vers le les l un une mon ma mes notre nos votre vos son sa ses leur tres environ euh".split()
    ),
    signals=phrases_in(
        "oui, oui oui, ouais, d accord, ok, okay, exactement, exact, tout a fait, c est ca, c est vrai, voila, bien,"
        " tres bien, bien sur, je vois, je comprends, compris, entendu, parfait, super, genial, ah bon, ah oui, ah"
        " d accord, interessant, en effet, absolument, certainement, ca marche, vraiment, bon, c est bon"
    ),
    answers=frozenset(
        "oui ouais accord ok okay exactement exact parfait entendu bien absolument certainement volontiers".split()
    ),
    floor_taking=frozenset(
        "stop arretez attendez attends non allo bonjour pardon excusez quoi comment pourquoi quand ou qui mais question"
        " aide aidez assez personne humain conseiller conseillere repetez".split()
    ),
    no_recording=(
        r"\b(?:pas|sans|jamais|plus|arret\w*|stop\w*|coup\w*|supprim\w*|effac\w*|refus\w*|oppos\w*|desactiv\w*)"
        r" (?:\w+ ){0,6}enregistr\w*|\benregistr\w* (?:\w+ ){0,3}(?:pas|plus|jamais)\b"
    ),
    recording=(
        r"\b(?:suis je|etes vous|est ce que|est il|est elle|appel|conversation|vous|m|nous) (?:\w+ ){0,6}enregistr"
    ),
    no_calls=(
        r"\bne (?:me |nous |m |n )?(?:r?appel|recontact|contact|derang|telephon)\w* (?:plus|jamais)\b"
        r"|\b(?:plus|jamais) (?:etre|que vous (?:me|m|nous)|qu on (?:me|m|nous)) (?:r?appel|contact|derang|demarch)\w*"
        r"|\b(?:veux|voulons|souhait\w+|desir\w+) plus (?:recevoir )?(?:d |de |vos )(?:autres )?appels?\b"
        r"|\b(?:retir|supprim|enlev|ray|effac)\w* (?:moi|nous|(?:mon|notre|ce) numero) (?:\w+ ){0,3}"
        r"(?:listes?|fichiers?|base)\b|\b(?:supprim|effac)\w* (?:mon|notre|ce) numero\b"
        r"|\b(?:arretez|cessez|arrete) de (?:me |m |nous )(?:r?appel|contact|derang|harcel|telephon)\w*"
        r"|\blaissez (?:moi|nous) tranquilles?\b"
    ),
)

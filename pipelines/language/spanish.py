"""Spanish. Callers are said "usted" to."""

from pipelines.language.own_words import OwnWords, phrases_in

SPANISH = OwnWords(
    phrases={
        "One moment.": "Un momento.",
        "One moment, please.": "Un momento, por favor.",
        "That takes a moment.": "Tardo un momento.",
        "Let me look that up.": "Lo consulto ahora mismo.",
        "Let me have a look at the site.": "Voy a echar un vistazo a la página.",
        "One moment, I'm looking at the calendar.": "Un momento, estoy mirando el calendario.",
        "Let me put that in the calendar.": "Lo anoto en el calendario.",
        "Let me take that off the calendar.": "Lo quito del calendario.",
        "This call is recorded; tell me if you don't want that.": (
            "Esta llamada se graba; si no lo desea, dígamelo, por favor."
        ),
        "All right. The recording is stopped, and what there was of it is deleted.": (
            "De acuerdo. La grabación se ha detenido y lo que había se ha borrado."
        ),
        "I am sorry, all our lines are busy. Please call again in a few minutes.": (
            "Lo siento, todas nuestras líneas están ocupadas. Por favor, vuelva a llamar en unos minutos."
        ),
        "I am sorry, this is an automated call that cannot go on just now. Goodbye.": (
            "Lo siento, esta es una llamada automática que no puede continuar en este momento. Adiós."
        ),
        "I am sorry, nobody is free right now. A colleague will call you back.": (
            "Lo siento, ahora mismo no hay nadie disponible. Le devolveremos la llamada."
        ),
        "I am sorry, something went wrong on our side. Please call again.": (
            "Lo siento, ha habido un problema por nuestra parte. Por favor, vuelva a llamar."
        ),
        "I am sorry, something went wrong on our side. One moment, please.": (
            "Lo siento, ha habido un problema por nuestra parte. Un momento, por favor."
        ),
        "Hello, this is {agent} from {company}. How can I help you?": (
            "Hola, soy {agent}, de {company}. ¿En qué puedo ayudarle?"
        ),
        "Hello, this is {agent}. How can I help you?": "Hola, soy {agent}. ¿En qué puedo ayudarle?",
        "I'm sorry, something went wrong just now. Could you say that again, please?": (
            "Disculpe, ha habido un problema. ¿Puede repetirlo, por favor?"
        ),
        "I'm sorry, I can't answer that myself. I'm passing you on to a colleague.": (
            "Lamentablemente no puedo responderle yo. Le paso con una persona del equipo."
        ),
        "I'm sorry, I can't help you any further right now. A colleague will get back to you. Goodbye.": (
            "Lamentablemente no puedo ayudarle más en este momento. Nos pondremos en contacto con usted. Adiós."
        ),
        "All right: you won't hear from us again. Goodbye.": "De acuerdo: no volveremos a molestarle. Adiós.",
        "Sorry, I did not catch that. Could you say it again?": ("No le he entendido bien. ¿Puede repetirlo?"),
        "Are you still there?": "¿Sigue ahí?",
        "Goodbye.": "Adiós.",
        "I would like to talk to a person.": "Quisiera hablar con una persona.",
        "The agent could not answer.": "El asistente de IA no pudo responder.",
        "Hello {first}, this is {who}.": "Hola, {first}, soy {who}.",
        "Hello, this is {who}.": "Hola, soy {who}.",
        "{name}, the AI assistant at {company}": "{name}, el asistente de IA de {company}",
        "{name}, an AI assistant on the sales team": "{name}, un asistente de IA del equipo de ventas",
        "I'm calling about {purpose}.": "Le llamo por {purpose}.",
        "I was calling about {purpose}.": "Le llamaba por {purpose}.",
        "If you want no more calls, just say so. Do you have a moment?": (
            "Si no quiere más llamadas, dígalo sin más. ¿Tiene un momento?"
        ),
        "I'm sorry I missed you. You can call us back at {number}.": (
            "Siento no haberle encontrado. Puede devolvernos la llamada al {number}."
        ),
        "If you want no more calls, just say so there. Goodbye.": (
            "Si no quiere más llamadas, dígalo allí sin más. Adiós."
        ),
        "plus": "más",
        "A caller wants to talk to a person.": "Alguien al teléfono quiere hablar con una persona.",
        "A call from {who}.": "Una llamada de {who}.",
        "{name} of {company}": "{name}, de {company}",
        "{text} and so on.": "{text}, etcétera.",
        "Press any key to take the call.": "Pulse cualquier tecla para atender la llamada.",
        "No more messages?": "¿No más mensajes?",
        "You will get no more messages from {company} like the one you come from.": (
            "No recibirá más mensajes de {company} como el que le ha traído aquí."
        ),
        "You will get no more messages like the one you come from.": (
            "No recibirá más mensajes como el que le ha traído aquí."
        ),
        "To get no more of these messages:": "Para no recibir más mensajes como este:",
        "Unsubscribe": "Darse de baja",
        "You are unsubscribed": "Se ha dado de baja",
        "No more messages like it will be sent to this address.": (
            "No se enviarán más mensajes de este tipo a esta dirección."
        ),
        "This link is not whole": "Este enlace no está completo",
        "Open it from the message once more, or answer that you want no more.": (
            "Ábralo otra vez desde el mensaje, o responda que no quiere más."
        ),
        "Meeting with {host}": "Reunión con {host}",
        "{host} and {guest}": "{host} y {guest}",
        "Cancelled: {title}": "Cancelada: {title}",
        "We are looking forward to talking with you on {when}.": "Tenemos muchas ganas de hablar con usted el {when}.",
        "The attached file puts it into your calendar.": "El archivo adjunto la añade a su calendario.",
        "Our meeting on {when} is cancelled.": "Nuestra reunión del {when} está cancelada.",
        "Our invitation to a meeting on {when} is withdrawn here: it goes to another address now.": (
            "Nuestra invitación a una reunión el {when} ya no es válida aquí: ahora va a otra dirección."
        ),
        # Messages to people, by rules.
        "Hi {name},": "Hola, {name}:",
        "Hi,": "Hola:",
        "I understand that you are looking into this: {need}.": (
            "Tengo entendido que se ocupan de lo siguiente: {need}."
        ),
        "I would like to learn how you handle enquiries at {company} today.": (
            "Me gustaría saber cómo gestionan hoy las consultas en {company}."
        ),
        "I would like to learn how you handle enquiries today.": "Me gustaría saber cómo gestionan hoy las consultas.",
        "I am {name} from {company}.": "Soy {name}, de {company}.",
        "I would gladly show you how others go about it, and find out whether it suits you.": (
            "Con gusto le muestro cómo lo hacen otros, para ver si encaja con ustedes."
        ),
        "It takes a quarter of an hour.": "Basta un cuarto de hora.",
        "Would a short call next week be of use?": "¿Le vendría bien una breve llamada la próxima semana?",
        "Is that of interest to you?": "¿Le interesa?",
        "It was about this: {need}.": "Se trataba de lo siguiente: {need}.",
        "I wrote to you some days ago, perhaps at a bad moment.": "Le escribí hace unos días, quizá en mal momento.",
        "I do not want to fill your inbox, so this is short.": (
            "No quiero llenar su bandeja de entrada, así que este mensaje es corto."
        ),
        "If it is not for now, that is fine: one word is enough, and I leave it.": (
            "Si ahora no es el momento, no pasa nada: basta una palabra y lo dejo ahí."
        ),
        "A question about {company}": "Una pregunta sobre {company}",
        "An idea for {company}": "Una idea para {company}",
        "Worth a short talk?": "¿Hablamos un momento?",
        "I came across your work and wondered whether this is on your mind: {need}.": (
            "He conocido su trabajo y me pregunto si esto les ocupa ahora: {need}."
        ),
        "I came across your work and would like to know how your team handles enquiries.": (
            "He conocido su trabajo y me gustaría saber cómo gestiona su equipo las consultas."
        ),
        "Is this a good moment?": "¿Es buen momento?",
        "I have one question for you.": "Tengo una pregunta para usted.",
        "I am calling about this: {need}.": "Le llamo por lo siguiente: {need}.",
        "How do you handle it today?": "¿Cómo lo hacen hoy?",
        "What would have to change for it to be worth your time?": (
            "¿Qué tendría que cambiar para que les merezca la pena?"
        ),
        "If not interested: That is fine. May I ask what you use instead?": (
            "Si no hay interés: No pasa nada. ¿Puedo preguntar qué utilizan en su lugar?"
        ),
        "In the end: Shall we find a quarter of an hour next week?": (
            "Al final: ¿Buscamos un cuarto de hora la próxima semana?"
        ),
    },
    going_on=frozenset(
        "y e o u pero porque que cuando como donde quien cuyo para con sin de del a al en por sobre"
        " entre hasta desde los las lo un una unos unas mis nuestro nuestra su sus muy aproximadamente eh".split()
    ),
    signals=phrases_in(
        "si, si si, ya, vale, ok, okay, claro, claro que si, exacto, exactamente, eso es, correcto, cierto, es verdad,"
        " bien, muy bien, bueno, entiendo, ya veo, comprendo, entendido, de acuerdo, perfecto, genial, estupendo, aja,"
        " ah, ah si, interesante, por supuesto, desde luego, seguro, de verdad, vaya, asi es"
    ),
    answers=frozenset(
        "si vale ok okay claro exacto exactamente correcto cierto bien bueno acuerdo perfecto seguro".split()
    ),
    floor_taking=frozenset(
        "para pare espere espera no hola oiga diga perdon perdone disculpe que quien cuando donde como pero"
        " pregunta ayuda basta persona humano agente repita".split()
    ),
    no_recording=(
        r"\b(?:no|sin|nunca|deje\w*|pare\w*|deten\w*|borr\w*|elimin\w*|apag\w*|quit\w*) (?:\w+ ){0,6}"
        r"graba?(?:e|en|es|ar|arme|arnos|ado|ada|cion|ciones|ando|ndo|mos)?\b"
    ),
    recording=r"\b(?:esta\w*|se|me|nos|va a) (?:\w+ ){0,5}graba\w*",
    no_calls=(
        r"\bno (?:me|nos) (?:llam|telefone|contact|molest)\w* (?:mas|nunca|otra vez|de nuevo)\b"
        r"|\bno (?:me|nos)? ?(?:vuelva\w*|vuelvas) a (?:llamar|contactar|molestar|telefonear)\w*"
        r"|\bno (?:quiero|queremos|deseo|deseamos) (?:\w+ ){0,2}mas llamadas\b"
        r"|\bno (?:quiero|queremos|deseo) que (?:me|nos) (?:vuelva\w* a )?(?:llam|contact)\w* (?:mas|nunca)\b"
        r"|\b(?:deje\w*|pare\w*|dejad) de (?:llamar|molestar|contactar|acosar)\w*"
        r"|\b(?:quit|borr|elimin|saqu)\w*(?:me|nos) de (?:su|la|esta|vuestra) (?:lista|base)\b"
        r"|\b(?:quit|borr|elimin)\w* (?:mi|nuestro|este) (?:numero|telefono)\b"
        r"|\bdeje\w*(?:me|nos) en paz\b"
    ),
)

"""Portuguese, in words that both sides of the ocean say. Callers are said "o senhor, a senhora" to, or neither."""

from pipelines.language.own_words import OwnWords, phrases_in

PORTUGUESE = OwnWords(
    phrases={
        "One moment.": "Um momento.",
        "One moment, please.": "Um momento, por favor.",
        "That takes a moment.": "Isso leva um momento.",
        "Let me look that up.": "Vou verificar agora mesmo.",
        "Let me have a look at the site.": "Vou dar uma olhada no site.",
        "One moment, I'm looking at the calendar.": "Um momento, vou ver a agenda.",
        "Let me put that in the calendar.": "Vou anotar na agenda.",
        "Let me take that off the calendar.": "Vou retirar da agenda.",
        "This call is recorded; tell me if you don't want that.": (
            "Esta chamada é gravada; se não quiser, diga-me, por favor."
        ),
        "All right. The recording is stopped, and what there was of it is deleted.": (
            "Está bem. A gravação foi interrompida e o que havia foi apagado."
        ),
        "I am sorry, all our lines are busy. Please call again in a few minutes.": (
            "Lamentamos, todas as nossas linhas estão ocupadas. Por favor, ligue novamente dentro de alguns minutos."
        ),
        "I am sorry, this is an automated call that cannot go on just now. Goodbye.": (
            "Lamentamos, esta é uma chamada automática que não pode continuar neste momento. Até logo."
        ),
        "I am sorry, nobody is free right now. A colleague will call you back.": (
            "Lamentamos, neste momento ninguém está disponível. Vamos ligar de volta."
        ),
        "I am sorry, something went wrong on our side. Please call again.": (
            "Lamentamos, houve um problema do nosso lado. Por favor, ligue novamente."
        ),
        "I am sorry, something went wrong on our side. One moment, please.": (
            "Lamentamos, houve um problema do nosso lado. Um momento, por favor."
        ),
        "Hello, this is {agent} from {company}. How can I help you?": (
            "Olá, aqui é {agent}, da {company}. Em que posso ajudar?"
        ),
        "Hello, this is {agent}. How can I help you?": "Olá, aqui é {agent}. Em que posso ajudar?",
        "I'm sorry, something went wrong just now. Could you say that again, please?": (
            "Desculpe, houve um problema agora. Pode repetir, por favor?"
        ),
        "I'm sorry, I can't answer that myself. I'm passing you on to a colleague.": (
            "Infelizmente não posso responder a isso. Vou passar a uma pessoa da equipe."
        ),
        "I'm sorry, I can't help you any further right now. A colleague will get back to you. Goodbye.": (
            "Infelizmente não posso ajudar mais neste momento. Vamos entrar em contato. Até logo."
        ),
        "All right: you won't hear from us again. Goodbye.": "Está bem: não vamos mais incomodar. Até logo.",
        "Sorry, I did not catch that. Could you say it again?": ("Não entendi bem. Pode repetir?"),
        "Are you still there?": "Ainda está aí?",
        "Goodbye.": "Até logo.",
        "I would like to talk to a person.": "Gostaria de falar com uma pessoa.",
        "The agent could not answer.": "O assistente de IA não conseguiu responder.",
        "Hello {first}, this is {who}.": "Olá, {first}, aqui é {who}.",
        "Hello, this is {who}.": "Olá, aqui é {who}.",
        "{name}, the AI assistant at {company}": "{name}, assistente de IA da {company}",
        "{name}, an AI assistant on the sales team": "{name}, assistente de IA da equipe de vendas",
        "I'm calling about {purpose}.": "Estou ligando sobre {purpose}.",
        "I was calling about {purpose}.": "Liguei para falar sobre {purpose}.",
        "If you want no more calls, just say so. Do you have a moment?": (
            "Se não quiser mais chamadas, é só dizer. Tem um momento?"
        ),
        "I'm sorry I missed you. You can call us back at {number}.": (
            "Pena que não nos encontramos. Pode ligar de volta para o número {number}."
        ),
        "If you want no more calls, just say so there. Goodbye.": (
            "Se não quiser mais chamadas, é só dizer lá. Até logo."
        ),
        "plus": "mais",
        "A caller wants to talk to a person.": "Alguém ao telefone quer falar com uma pessoa.",
        "A call from {who}.": "Uma chamada de {who}.",
        "{name} of {company}": "{name}, da {company}",
        "{text} and so on.": "{text}, e assim por diante.",
        "Press any key to take the call.": "Pressione qualquer tecla para atender a chamada.",
        "No more messages?": "Não quer mais mensagens?",
        "You will get no more messages from {company} like the one you come from.": (
            "Não receberá mais mensagens de {company} como a que o trouxe aqui."
        ),
        "You will get no more messages like the one you come from.": (
            "Não receberá mais mensagens como a que o trouxe aqui."
        ),
        "To get no more of these messages:": "Para não receber mais mensagens como esta:",
        "Unsubscribe": "Cancelar a subscrição",
        "You are unsubscribed": "A subscrição foi cancelada",
        "No more messages like it will be sent to this address.": (
            "Não serão enviadas mais mensagens deste tipo para este endereço."
        ),
        "This link is not whole": "Este link não está completo",
        "Open it from the message once more, or answer that you want no more.": (
            "Abra-o mais uma vez a partir da mensagem, ou responda que não quer receber mais."
        ),
        "Meeting with {host}": "Reunião com {host}",
        "{host} and {guest}": "{host} e {guest}",
        "Cancelled: {title}": "Cancelada: {title}",
        "We are looking forward to talking with you on {when}.": "Teremos todo o gosto em falar consigo: {when}.",
        "The attached file puts it into your calendar.": "O ficheiro anexo coloca-a no seu calendário.",
        "Our meeting on {when} is cancelled.": "A nossa reunião foi cancelada: {when}.",
        "Our invitation to a meeting on {when} is withdrawn here: it goes to another address now.": (
            "O nosso convite para uma reunião já não é válido aqui, pois vai agora para outro endereço: {when}."
        ),
        # Messages to people, by rules.
        "Hi {name},": "Olá, {name},",
        "Hi,": "Olá,",
        "I understand that you are looking into this: {need}.": "Pelo que entendi, o assunto é este: {need}.",
        "I would like to learn how you handle enquiries at {company} today.": (
            "Gostaria de saber como são tratados hoje os pedidos de informação na {company}."
        ),
        "I would like to learn how you handle enquiries today.": (
            "Gostaria de saber como são tratados hoje os pedidos de informação."
        ),
        "I am {name} from {company}.": "Sou {name}, da {company}.",
        "I would gladly show you how others go about it, and find out whether it suits you.": (
            "Terei prazer em mostrar como outros fazem isso, para ver se é adequado."
        ),
        "It takes a quarter of an hour.": "Bastam quinze minutos.",
        "Would a short call next week be of use?": "Seria possível uma breve conversa na próxima semana?",
        "Is that of interest to you?": "Tem interesse?",
        "It was about this: {need}.": "Tratava-se do seguinte: {need}.",
        "I wrote to you some days ago, perhaps at a bad moment.": "Escrevi há alguns dias, talvez num mau momento.",
        "I do not want to fill your inbox, so this is short.": (
            "Não quero encher a sua caixa de entrada, por isso esta mensagem é curta."
        ),
        "If it is not for now, that is fine: one word is enough, and I leave it.": (
            "Se não for o momento, não há problema: basta uma palavra e fico por aqui."
        ),
        "A question about {company}": "Uma pergunta sobre {company}",
        "An idea for {company}": "Uma ideia para {company}",
        "Worth a short talk?": "Uma breve conversa?",
        "I came across your work and wondered whether this is on your mind: {need}.": (
            "Conheci o seu trabalho e gostaria de saber se este assunto é atual: {need}."
        ),
        "I came across your work and would like to know how your team handles enquiries.": (
            "Conheci o seu trabalho e gostaria de saber como são tratados os pedidos de informação."
        ),
        "Is this a good moment?": "É um bom momento?",
        "I have one question for you.": "Tenho uma pergunta.",
        "I am calling about this: {need}.": "Ligo por causa disto: {need}.",
        "How do you handle it today?": "Como fazem hoje?",
        "What would have to change for it to be worth your time?": "O que teria de mudar para valer a pena?",
        "If not interested: That is fine. May I ask what you use instead?": (
            "Se não houver interesse: Não há problema. Posso perguntar o que usam em vez disso?"
        ),
        "In the end: Shall we find a quarter of an hour next week?": (
            "No fim: Encontramos quinze minutos na próxima semana?"
        ),
    },
    going_on=frozenset(
        "ou mas porque que se quando como onde quem para pra com sem de do da dos das a ao em no na nos"
        " nas por pelo pela sobre entre o os as um uma cerca entao hum".split()
    ),
    signals=phrases_in(
        "sim, sim sim, ok, okay, ta, ta bom, ta bem, esta bem, esta bom, certo, claro, exato, exatamente, isso, isso"
        " mesmo, correto, verdade, e verdade, bom, muito bem, otimo, entendo, entendi, percebo, compreendo, perfeito,"
        " legal, beleza, combinado, pois, pois e, interessante, com certeza, serio"
    ),
    answers=frozenset("sim ok okay ta certo claro exato exatamente isso correto perfeito combinado otimo".split()),
    floor_taking=frozenset(
        "pare para espere espera nao alo ola desculpe perdao que quem quando onde como porque mas pergunta ajuda chega"
        " pessoa humano atendente repita momento".split()
    ),
    no_recording=(
        r"\b(?:nao|sem|nunca|pare\w*|apag\w*|deslig\w*|interromp\w*|elimin\w*) (?:\w+ ){0,6}"
        r"(?:grav(?:ar|arem|em|ando|ad[oa]s?|acao|acoes|asse)|(?:me|nos) grave)\b"
    ),
    recording=r"\b(?:esta\w*|sendo|vai|e|sou|ser) (?:\w+ ){0,5}grava(?:d[oa]|ndo|r)\b",
    no_calls=(
        r"\bnao (?:me |nos )?(?:lig|telefon|contact|contat|incomod)\w* (?:\w+ ){0,2}(?:mais|outra vez|de novo)\b"
        r"|\bnao (?:quero|queremos|desejo) (?:mais )?(?:ser (?:mais )?(?:contact|contat|incomod)ad[oa]s? mais"
        r"|(?:receber )?mais (?:\w+ )?(?:chamadas|ligacoes|telefonemas))\b"
        r"|\bnao (?:quero|queremos|desejo) mais (?:receber |ser )?(?:\w+ )?"
        r"(?:chamadas|ligacoes|telefonemas|contact\w*|contat\w*|que me liguem)\b"
        r"|\b(?:pare\w*|deixe\w*) de (?:me |nos )?(?:ligar|telefonar|contactar|contatar|incomodar)\b"
        r"|\b(?:tir|remov|retir|apag|elimin)\w* (?:me |nos )?(?:da|desta) (?:sua |vossa )?lista\b"
        r"|\b(?:apag|elimin|remov)\w* (?:o )?(?:meu|nosso|este) (?:numero|telefone)\b"
        r"|\bdeix\w* (?:me|nos) em paz\b"
    ),
)

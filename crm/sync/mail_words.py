"""What a mail's own words say to whoever sends campaigns, in the languages that these are written in. Pure; it errs on
the side of who writes."""

import re
from typing import Final

_OWN_LINES: Final = 2
"""Of a reply: what follows quotes us, and our own words hold the link to unsubscribe."""

_AUTOMATIC: Final = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|away from"
    r"|automatische antwort|abwesenheits(?:notiz|nachricht|meldung)|abwesend|nicht im büro"
    r"|r[ée]ponse automatique|absence (?:du|de)|absent(?:e)? du"
    r"|respuesta autom[áa]tica|fuera de la oficina"
    r"|risposta automatica|fuori (?:sede|ufficio)"
    r"|automatisch antwoord|afwezig(?:heid)?"
    r"|resposta autom[áa]tica|fora do escrit[óo]rio|aus[êe]ncia)",
    re.IGNORECASE,
)
"""Subjects of Outlook, Gmail and what follows them."""

_WANTS_NO_MORE: Final = re.compile(
    r"\b(?:"
    # English
    r"unsubscribe|remove me|take me off|stop (?:e-?mailing|mailing|writing|contacting)"
    r"|do(?:n't| not) (?:contact|e-?mail|write)"
    # German
    r"|(?:bitte keine|keine weiteren?) (?:e-?mails?|nachrichten|werbung|newsletter)"
    r"|keine (?:e-?mails?|nachrichten|werbung|newsletter) mehr"
    r"|(?:schreib\w*|kontaktier\w*|mail\w*) (?:sie )?(?:mir|mich|uns) (?:bitte )?(?:nicht|nie)"
    r"|nicht (?:mehr|wieder) (?:an)?(?:schreiben|kontaktieren)"
    r"|(?:streich|lösch|entfern|nehm)\w* (?:sie )?(?:mich|uns) (?:\w+ ){0,3}(?:aus|von|vom)"
    r"|(?:newsletter|verteiler|liste)\w* (?:\w+ ){0,2}(?:abmelden|abbestell\w*|austragen)"
    # French
    r"|d[ée](?:sabonn|sinscri)\w*|ne (?:m['e] ?|nous )(?:[ée]crivez|contactez|envoyez) (?:plus|pas)"
    r"|plus (?:de |d')(?:e-?mails?|mails?|messages?|courriels?)|(?:retirez|supprimez|enlevez)[- ](?:moi|nous)"
    # Spanish
    r"|(?:dar|d[ée]n?)(?:me|nos|se) de baja|no (?:me|nos) (?:escriban?|contacten?|env[íi]en?|manden?)"
    r"|no (?:quiero|deseo|queremos) (?:recibir )?m[áa]s (?:correos|mensajes|e-?mails?)"
    r"|(?:b[óo]rren?|elim[íi]nen?|qu[íi]ten?)(?:me|nos)"
    # Italian
    r"|disiscri\w+|cancell(?:ami|atemi|armi)|mi (?:cancelli|tolga|disiscriva)|toglietemi"
    r"|non (?:mi|ci) (?:scriva|scrivete|contatti|contattate|mandi|mandate|invii|inviate)"
    r"|non (?:voglio|desidero) (?:più )?(?:ricevere )?(?:altr\w )?(?:e-?mail|messaggi)"
    # Dutch
    r"|afmelden|uitschrijven|schrijf (?:mij|me) uit|geen (?:e-?mails?|berichten|reclame) meer"
    r"|(?:mail|schrijf|contacteer|benader) (?:mij|me|ons) (?:\w+ )?niet"
    r"|(?:haal|verwijder) (?:mij|me|ons) (?:\w+ ){0,2}(?:van|uit)"
    # Portuguese
    r"|descadastr\w+|(?:cancelar|anular) (?:a )?(?:minha )?(?:inscri|subscri|assinatura)\w*|remov[ae]m?-me|me removam?"
    r"|não (?:me |nos )?(?:escrevam?|contactem?|contatem?|enviem?|mandem?)"
    r"|não (?:quero|desejo|queremos) (?:receber )?mais (?:e-?mails?|mensagens)"
    r")\b"
    r"|^\W*(?:bitte )?(?:abmelden|abbestellen|austragen|baja)\W*$",
    re.IGNORECASE,
)
"""Whole words, and forms that ask: "no me envió" complains of a message that did not come."""


def is_automatic(subject: str) -> bool:
    """Whether a mailbox answers by itself."""
    return _AUTOMATIC.match(subject) is not None


def wants_no_more(text: str) -> bool:
    """Whether the first words of a reply ask for no more messages."""
    own = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(">")]
    return any(_WANTS_NO_MORE.search(line.replace("\u2019", "'")) for line in own[:_OWN_LINES])

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
    r"|keine (?:weiteren |weitere )?(?:e-?mails?|nachrichten|werbung|newsletter)"
    r"|(?:schreib\w*|kontaktier\w*|mail\w*) (?:sie )?(?:mir|mich|uns) (?:bitte )?(?:nicht|nie)\b"
    r"|nicht (?:mehr|wieder) (?:an)?(?:schreiben|geschrieben|kontaktier\w*)"
    r"|(?:streich\w*|lösch\w*|entfern\w*|nehm\w*) (?:sie )?(?:mich|uns) "
    r"|(?:newsletter|verteiler|liste)\w* (?:\w+ ){0,2}(?:abmelden|abbestell\w*|austragen)"
    # French
    r"|(?:me |nous )?d[ée](?:sabonn|sinscri)\w*"
    r"|ne (?:m['e] ?|nous )(?:[ée]cri\w+|contact\w+|envoy\w+) (?:plus|pas)"
    r"|plus (?:de |d')(?:e-?mails?|mails?|messages?|courriels?)|(?:retire|supprime)\w*[- ](?:moi|nous|mon|notre)"
    # Spanish
    r"|(?:dar|d[ée]n?)(?:me|nos|se) de baja|no (?:me|nos) (?:escrib|contact|env[íi]|mand)\w+"
    r"|no (?:quiero|deseo|queremos) (?:recibir )?m[áa]s (?:correos|mensajes|e-?mails?)"
    r"|(?:b[óo]rr|elim[íi]n|quit)\w+(?:me|nos)"
    # Italian
    r"|disiscri\w+|cancell(?:ami|atemi|armi)|mi (?:cancelli|tolga|disiscriva)|(?:toglie|toglia)\w*mi"
    r"|non (?:mi|ci) (?:scriv|contatt|mand|invi)\w+"
    r"|non (?:voglio|desidero) (?:più )?(?:ricevere )?(?:altr\w )?(?:e-?mail|messaggi)"
    # Dutch
    r"|(?:afmelden|uitschrijven)|schrijf (?:mij|me) uit|geen (?:e-?mails?|berichten|reclame)"
    r"|(?:mail|schrijf|contacteer|benader) (?:mij|me|ons) (?:\w+ )?niet|(?:haal|verwijder) (?:mij|me|ons) "
    # Portuguese
    r"|descadastr\w+|(?:cancelar|anular) (?:a )?(?:minha )?(?:inscri|subscri|assinatura)\w*|remov\w+[- ]me|me remov\w+"
    r"|não (?:me |nos )?(?:escrev|contact|contat|envi|mand)\w+"
    r"|não (?:quero|desejo|queremos) (?:receber )?mais (?:e-?mails?|mensagens)"
    r")"
    r"|^\W*(?:bitte )?(?:abmelden|abbestellen|austragen|baja)\W*$",
    re.IGNORECASE,
)


def is_automatic(subject: str) -> bool:
    """Whether a mailbox answers by itself."""
    return _AUTOMATIC.match(subject) is not None


def wants_no_more(text: str) -> bool:
    """Whether the first words of a reply ask for no more messages."""
    own = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(">")]
    return any(_WANTS_NO_MORE.search(line.replace("\u2019", "'")) for line in own[:_OWN_LINES])

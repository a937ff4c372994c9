"""Who wants no more messages is heeded, and a mailbox that answers by itself is no answer, whatever the language."""

import pytest

from crm.sync.mail_words import is_automatic, wants_no_more


@pytest.mark.parametrize(
    "text",
    [
        "Please remove me from your list.",
        "STOP emailing me",
        "Don't contact me again",
        "Bitte schreiben Sie mir nicht mehr.",
        "Guten Tag,\n\nbitte keine weiteren E-Mails.",
        "Abmelden",
        "Streichen Sie mich bitte von Ihrer Liste.",
        "Ich möchte mich vom Newsletter bitte abmelden.",
        "Bitte nicht mehr kontaktieren!",
        "Merci de me désabonner.",
        "Ne m'écrivez plus, s'il vous plaît.",
        "Ne m\u2019\u00e9crivez plus",
        "Bonjour,\nplus de mails svp",
        "Quiero darme de baja.",
        "Por favor, no me escriban más.",
        "No quiero recibir más correos.",
        "Vi prego, cancellatemi dalla lista.",
        "Non mi scriva più.",
        "Non desidero ricevere altre email.",
        "Graag afmelden.",
        "Mail mij alstublieft niet meer.",
        "Geen berichten meer, graag.",
        "Por favor, não me envie mais mensagens.",
        "Remova-me da lista.",
        "Não quero receber mais e-mails.",
    ],
)
def test_a_wish_for_no_more_is_heard(text: str) -> None:
    assert wants_no_more(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sounds good!\n\nOn Tuesday Ann wrote:\n> Unsubscribe",
        "> unsubscribe\nYes please",
        "Does it remove messages that nobody reads?",
        "Let me remove my colleague from this thread.",
        "Ich habe keine E-Mail mit dem Anhang bekommen.",
        "Nehmen Sie uns gern auf die Liste.",
        "No me envió la propuesta.",
        "Non mi ha mandato la proposta.",
        "Ik heb geen e-mail ontvangen.",
        "Não me enviou a proposta.",
        "Gerne, schreiben Sie mir, wann es passt.",
        "Das ist interessant. Rufen Sie mich am Dienstag an.",
        "Ich habe Ihre Nachricht leider erst heute gesehen.",
        "Avec plaisir, écrivez-moi vos disponibilités.",
        "Je n'ai pas encore de date.",
        "Sí, me interesa. Escríbame el martes.",
        "No tengo tiempo esta semana, ¿la próxima?",
        "Volentieri, mi scriva pure.",
        "Non ho ancora deciso.",
        "Prima, mail me maar een voorstel.",
        "Dat is nog niet bekend.",
        "Claro, envie-me uma proposta.",
        "Ainda não sei.",
    ],
)
def test_whoever_wants_to_hear_more_does(text: str) -> None:
    assert not wants_no_more(text)


@pytest.mark.parametrize(
    ("subject", "automatic"),
    [
        ("Automatic reply: An idea for Acme", True),
        ("Automatische Antwort: Eine Idee für Acme", True),
        ("Abwesenheitsnotiz", True),
        ("Réponse automatique : Une idée", True),
        ("Respuesta automática", True),
        ("Risposta automatica: Un'idea", True),
        ("Automatisch antwoord", True),
        ("Resposta automática", True),
        ("Re: Out of the box", False),
        ("AW: Eine Idee für Acme", False),
    ],
)
def test_a_mailbox_that_answers_by_itself_is_told(subject: str, automatic: bool) -> None:
    assert is_automatic(subject) is automatic

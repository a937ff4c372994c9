"""Knowledge in other languages is found by what is asked in them, and nothing else is."""

import pytest

from pipelines.knowledge.analysis.languages import analyzer_of, language_of
from pipelines.knowledge.index import KnowledgeIndex, parse_knowledge
from pipelines.knowledge.markdown import parse

TEXTS = {
    "de": """# Klarton
## Was kostet es? Preise und Tarife
Klarton kostet 29 Euro pro Nutzer im Monat. Wer jährlich zahlt, spart zwanzig Prozent.
## Wo werden die Daten gespeichert? Datenschutz und DSGVO
Alle Daten liegen in Frankfurt. Wir schließen einen Vertrag zur Auftragsverarbeitung.
## Wie lange läuft der Vertrag? Kündigung
Der Vertrag ist monatlich kündbar. Es gibt keine Mindestlaufzeit.
## Gibt es eine kostenlose Testphase?
Ja, vierzehn Tage, ohne Kreditkarte.
## Mit welchen Systemen arbeitet es zusammen? Schnittstellen
Klarton arbeitet mit Outlook, Teams und Salesforce zusammen.
## Wer hilft mir, wenn etwas nicht geht? Support
Der Support antwortet werktags innerhalb von vier Stunden.
""",
    "fr": """# Voxa
## Combien ça coûte ? Tarifs et formules
Voxa coûte 29 euros par utilisateur et par mois. En payant à l'année, vous économisez vingt pour cent.
## Où sont stockées les données ? RGPD
Toutes les données sont hébergées à Paris. Nous signons un accord de traitement.
## Quelle est la durée du contrat ? Résiliation
Le contrat est sans engagement et peut être résilié chaque mois.
## Y a-t-il un essai gratuit ?
Oui, quatorze jours, sans carte bancaire.
## Avec quels outils fonctionne-t-il ? Intégrations
Voxa fonctionne avec Outlook, Teams et Salesforce.
""",
    "es": """# Vozia
## ¿Cuánto cuesta? Precios y planes
Vozia cuesta 29 euros por usuario al mes. Si paga por año, ahorra el veinte por ciento.
## ¿Dónde se guardan los datos? Privacidad y RGPD
Todos los datos están en Madrid. Firmamos un acuerdo de tratamiento.
## ¿Cuánto dura el contrato? Cancelación
No hay permanencia y se puede cancelar cada mes.
## ¿Hay una prueba gratuita?
Sí, catorce días, sin tarjeta.
## ¿Con qué herramientas funciona? Integraciones
Vozia funciona con Outlook, Teams y Salesforce.
""",
    "it": """# Vocelia
## Quanto costa? Prezzi e piani
Vocelia costa 29 euro per utente al mese. Con il pagamento annuale si risparmia il venti per cento.
## Dove sono conservati i dati? Privacy e GDPR
Tutti i dati sono a Milano. Firmiamo un accordo per il trattamento.
## Quanto dura il contratto? Disdetta
Non c'è nessun vincolo e si può disdire ogni mese.
## C'è una prova gratuita?
Sì, quattordici giorni, senza carta di credito.
## Con quali strumenti funziona? Integrazioni
Vocelia funziona con Outlook, Teams e Salesforce.
""",
    "nl": """# Klinkt
## Wat kost het? Prijzen en pakketten
Klinkt kost 29 euro per gebruiker per maand. Wie per jaar betaalt, bespaart twintig procent.
## Waar worden de gegevens opgeslagen? Privacy en AVG
Alle gegevens staan in Amsterdam. We sluiten een verwerkersovereenkomst.
## Hoe lang loopt het contract? Opzeggen
Het contract is elke maand opzegbaar. Er is geen minimale looptijd.
## Is er een gratis proefperiode?
Ja, veertien dagen, zonder creditcard.
## Met welke systemen werkt het samen? Koppelingen
Klinkt werkt samen met Outlook, Teams en Salesforce.
""",
    "pt": """# Vozeira
## Quanto custa? Preços e planos
A Vozeira custa 29 euros por utilizador por mês. Quem paga por ano poupa vinte por cento.
## Onde são guardados os dados? Privacidade e RGPD
Todos os dados estão em Lisboa. Assinamos um acordo de tratamento.
## Quanto tempo dura o contrato? Cancelamento
Não há fidelização e pode cancelar todos os meses.
## Há um teste gratuito?
Sim, catorze dias, sem cartão.
## Com que ferramentas funciona? Integrações
A Vozeira funciona com Outlook, Teams e Salesforce.
""",
}

ASKED = [
    ("de", "Was kostet das?", "29 Euro"),
    ("de", "wie teuer ist das denn", "29 Euro"),
    ("de", "Wo liegen unsere Daten?", "Frankfurt"),
    ("de", "Sind Sie DSGVO-konform?", "Frankfurt"),
    ("de", "Kann ich jederzeit kündigen?", "monatlich"),
    ("de", "kann man kuendigen", "monatlich"),
    ("de", "Vertragslaufzeit und Kündigungsfrist", "monatlich"),
    ("de", "Wie steht es um den Schutz?", "Frankfurt"),
    ("de", "Gibt es einen Testzeitraum?", "vierzehn"),
    ("de", "Funktioniert das mit Salesforce?", "Outlook"),
    ("de", "Haben Sie einen Kundendienst?", "vier Stunden"),
    ("fr", "C'est combien par mois ?", "29 euros"),
    ("fr", "c'est cher ?", "29 euros"),
    ("fr", "C'est combien ?", "29 euros"),
    ("es", "¿cuánto vale?", "29 euros"),
    ("it", "quanto viene?", "29 euro"),
    ("nl", "hoeveel is het?", "29 euro"),
    ("pt", "quanto fica?", "29 euros"),
    ("de", "Wie viel ist das im Monat?", "29 Euro"),
    ("fr", "Où sont nos données ?", "Paris"),
    ("fr", "Êtes-vous conformes au RGPD ?", "Paris"),
    ("fr", "Est-ce que je peux résilier quand je veux ?", "sans engagement"),
    ("fr", "peut-on essayer gratuitement", "quatorze"),
    ("fr", "Est-ce compatible avec Salesforce ?", "Outlook"),
    ("es", "¿Qué precio tiene?", "29 euros"),
    ("es", "¿es muy caro?", "29 euros"),
    ("es", "¿Dónde están nuestros datos?", "Madrid"),
    ("es", "¿Cumplen con el RGPD?", "Madrid"),
    ("es", "¿Puedo darme de baja?", "permanencia"),
    ("es", "¿se puede probar gratis?", "catorce"),
    ("es", "¿Se integra con Salesforce?", "Outlook"),
    ("it", "Quanto costa al mese?", "29 euro"),
    ("it", "Dove si trovano i nostri dati?", "Milano"),
    ("it", "Posso disdire in qualsiasi momento?", "vincolo"),
    ("it", "posso provarlo gratis?", "quattordici"),
    ("it", "Si integra con Salesforce?", "Outlook"),
    ("nl", "Hoe duur is het?", "29 euro"),
    ("nl", "Waar staan onze gegevens?", "Amsterdam"),
    ("nl", "Kan ik altijd opzeggen?", "looptijd"),
    ("nl", "Wat is de opzegtermijn?", "looptijd"),
    ("nl", "kan ik het gratis uitproberen", "veertien"),
    ("nl", "Werkt het met Salesforce?", "Outlook"),
    ("pt", "Qual é o preço?", "29 euros"),
    ("pt", "Onde estão os nossos dados?", "Lisboa"),
    ("pt", "Posso cancelar quando quiser?", "cancelar"),
    ("pt", "posso experimentar grátis?", "catorze"),
    ("pt", "Integra com Salesforce?", "Outlook"),
]
OFF_TOPIC = {
    "de": "Wie wird das Wetter morgen?",
    "fr": "Quel temps fera-t-il demain ?",
    "es": "¿Qué tiempo hará mañana?",
    "it": "Che tempo farà domani?",
    "nl": "Wat voor weer wordt het morgen?",
    "pt": "Quem ganhou o jogo de ontem?",
}


@pytest.mark.parametrize(("language", "question", "answer"), ASKED)
def test_what_is_asked_in_its_language_is_found(language: str, question: str, answer: str) -> None:
    index = parse_knowledge(TEXTS[language])
    assert index.languages == [language]
    assert answer in index.search(question, limit=1)[0].text


@pytest.mark.parametrize("language", TEXTS)
def test_what_nobody_taught_is_not_found(language: str) -> None:
    assert parse_knowledge(TEXTS[language]).search(OFF_TOPIC[language]) == []


def test_knowledge_in_several_languages_answers_in_each() -> None:
    index = parse_knowledge("\n".join(TEXTS.values()))
    assert set(index.languages) == set(TEXTS)
    for language, question, answer in ASKED:
        assert any(answer in found.text for found in index.search(question)), (language, question)


def test_an_english_topic_among_german_ones_is_found_in_english() -> None:
    index = parse_knowledge(TEXTS["de"] + "\n## Do you have an office in London?\nYes, we have one near the river.\n")
    assert "river" in index.search("where is your london office")[0].text


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_known_for_its_language(language: str) -> None:
    assert language_of(TEXTS[language], "en") == language


def test_too_few_words_to_tell_are_taken_for_what_is_expected() -> None:
    assert language_of("Preis", "de") == "de"
    assert language_of("Preis", "en") == "en"
    assert language_of("what does it cost and how do we begin", "de") == "en"
    assert language_of("Wie ist der Preis", "en") == "de", "as few as tell"


def test_a_text_as_much_of_one_language_as_of_another_is_of_the_expected_one() -> None:
    in_both = "die was in Berlin"
    assert [language_of(in_both, expected) for expected in ("de", "nl")] == ["de", "nl"]


def test_a_question_of_everyday_words_is_about_the_subject() -> None:
    index = parse_knowledge(TEXTS["de"] + "\n## Was ist Klarton?\nEin Telefonassistent, der für Sie im Büro anruft.\n")
    for asked in ("Was ist das?", "Und was ist Klarton?"):
        assert index.search(asked, limit=1)[0].text.startswith("Ein Telefonassistent"), asked


@pytest.mark.parametrize(("written", "same"), [("Maße", "Masse"), ("KI", "Maschine")])
def test_words_are_one_however_they_are_written(written: str, same: str) -> None:
    """In Switzerland without "ß"; and two letters may be a word."""
    terms = analyzer_of("de").terms
    assert terms(written) == terms(same) != []


def test_of_a_language_nothing_is_known_of_the_words_themselves_are_terms() -> None:
    index = KnowledgeIndex(*parse("# Głos\n## Ile kosztuje Głos?\nGłos kosztuje 29 euro.\n"))
    assert index.search("ile kosztuje")[0].text == "Głos kosztuje 29 euro."
    assert analyzer_of("pl") is analyzer_of("en")


def test_accents_left_out_are_no_obstacle() -> None:
    assert "Paris" in parse_knowledge(TEXTS["fr"]).search("ou sont stockees les donnees", limit=1)[0].text

"""What is said word for word in other languages, and what callers mean."""

import re
from string import Formatter

import pytest

from pipelines.language.words import (
    FINISHED,
    UNFINISHED,
    UNKNOWN,
    WORDS,
    asks_if_recorded,
    finished,
    folded,
    refuses_recording,
    said,
    says_farewell,
    wants_no_calls,
)


@pytest.mark.parametrize("code", WORDS)
def test_every_language_says_the_same_phrases(code: str) -> None:
    phrases = WORDS[code].phrases
    assert phrases.keys() == WORDS["de"].phrases.keys()
    for english, phrase in phrases.items():
        names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, phrase)]
        assert names[0] == names[1], english
        if english.endswith("Goodbye."):
            assert says_farewell(re.findall(r"[^.!?]+[.!?]*", phrase)[-1]), phrase


@pytest.mark.parametrize("code", WORDS)
def test_words_are_kept_as_they_are_compared(code: str) -> None:
    words = WORDS[code]
    for kept in (words.going_on, words.signals, words.answers, words.floor_taking):
        assert {folded(word) for word in kept} == kept


def test_english_is_said_where_nothing_else_is_known() -> None:
    assert said("One moment.", "de-AT") == "Einen Moment."
    assert [said("One moment.", tag) for tag in ("en", "pl")] == ["One moment."] * 2
    assert said("A phrase nobody has translated.", "de") == "A phrase nobody has translated."


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Wir brauchen zwanzig Lizenzen.", FINISHED),
        ("de", "Wir brauchen zwanzig Lizenzen und", UNFINISHED),
        ("de", "Wir brauchen ungefähr.", UNFINISHED),
        ("de", "Rufen Sie mich bitte an.", FINISHED),
        ("de", "Wir brauchen zwanzig", UNKNOWN),
        ("de", "Wir brauchen zwanzig...", UNFINISHED),
        ("fr", "Combien ça coûte ?", FINISHED),
        ("fr", "Nous sommes une équipe de", UNFINISHED),
        ("es", "Sí.", FINISHED),
        ("es", "Somos unas veinte personas, pero", UNFINISHED),
        ("pl", "Nas jest dwadzieścia,", UNFINISHED),
        ("ja", "いくらですか。", FINISHED),
    ],
)
def test_how_finished_words_sound(language: str, text: str, expected: float) -> None:
    assert finished(text, language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bitte zeichnen Sie dieses Gespräch nicht auf.",
        "Ich möchte nicht aufgezeichnet werden.",
        "Nein, keine Aufnahme bitte.",
        "Ich will nicht, dass Sie mich aufnehmen!",
        "Stoppen Sie bitte die Aufzeichnung.",
        "Schalten Sie die Aufnahme aus.",
        "Mit der Aufzeichnung bin ich nicht einverstanden.",
        "Ne m'enregistrez pas, s'il vous plaît.",
        "Je ne veux pas être enregistrée.",
        "Arrêtez l'enregistrement.",
        "No quiero que me graben.",
        "Por favor, no grabe esta llamada.",
        "Detenga la grabación.",
        "Non voglio essere registrato.",
        "Fermi la registrazione, per favore.",
        "Ik wil niet dat dit wordt opgenomen.",
        "Neem dit gesprek niet op.",
        "Não quero ser gravado.",
        "Pare a gravação, por favor.",
    ],
)
def test_who_does_not_want_to_be_recorded(text: str) -> None:
    assert refuses_recording(text)


@pytest.mark.parametrize(
    "text",
    [
        "Was kostet das im Monat?",
        "Ist das aufgezeichnet?",
        "Je n'ai pas votre numéro.",
        "No, gracias.",
        "Não é grave.",
        "Ik neem het niet.",
        "Don't worry about it.",
    ],
)
def test_who_says_nothing_of_the_kind(text: str) -> None:
    assert not refuses_recording(text)
    assert not wants_no_calls(text)


@pytest.mark.parametrize(
    "text",
    [
        "Werde ich aufgezeichnet?",
        "Nehmen Sie dieses Gespräch auf?",
        "Est-ce que cet appel est enregistré ?",
        "¿Se está grabando esta llamada?",
        "Sta registrando la chiamata?",
        "Wordt dit gesprek opgenomen?",
        "Esta chamada está sendo gravada?",
    ],
)
def test_who_asks_whether_they_are(text: str) -> None:
    assert asks_if_recorded(text)


@pytest.mark.parametrize(
    "text",
    [
        "Rufen Sie mich nicht mehr an!",
        "Rufen Sie hier bitte nie wieder an.",
        "Ich möchte nicht mehr angerufen werden.",
        "Ich will keine Anrufe mehr.",
        "Nehmen Sie mich bitte von Ihrer Liste.",
        "Löschen Sie meine Nummer.",
        "Lassen Sie mich in Ruhe.",
        "Ne m'appelez plus.",
        "Je ne veux plus être appelé.",
        "Je ne souhaite plus recevoir d'appels.",
        "Retirez-moi de votre liste.",
        "Arrêtez de m'appeler !",
        "No me llame más, por favor.",
        "No vuelvan a llamarme.",
        "No me vuelva a llamar.",
        "No quiero recibir más llamadas.",
        "Quítenme de su lista.",
        "Dejen de llamarme.",
        "Non mi chiami più.",
        "Non chiamatemi mai più.",
        "Non voglio più essere chiamato.",
        "Mi tolga dalla vostra lista.",
        "Bel me niet meer.",
        "Belt u mij nooit meer.",
        "Ik wil niet meer gebeld worden.",
        "Haal mij van de lijst.",
        "Não me ligue mais.",
        "Não quero mais receber chamadas.",
        "Parem de me ligar.",
        "Tire-me da sua lista.",
    ],
)
def test_who_wants_no_more_calls(text: str) -> None:
    assert wants_no_calls(text)
    assert not asks_if_recorded(text)


@pytest.mark.parametrize(
    "text",
    [
        "Rufen Sie mich bitte morgen noch einmal an.",
        "Rufen Sie mich bitte nicht vor zehn an.",
        "Wir bekommen keine Anrufe mehr über die alte Nummer.",
        "Unsere Kunden rufen nicht mehr an.",
        "Ne m'appelez pas avant dix heures.",
        "Nous n'avons plus d'appels le soir.",
        "No me llame por la mañana.",
        "No tenemos más llamadas por la tarde.",
        "Non mi chiami prima delle dieci.",
        "Bel me niet voor tien uur.",
        "Onze klanten bellen niet meer.",
        "Não me ligue antes das dez.",
        "Please call me again tomorrow.",
    ],
)
def test_who_only_says_when_or_speaks_of_others(text: str) -> None:
    assert not wants_no_calls(text)


@pytest.mark.parametrize(
    "sentence",
    [
        "Auf Wiederhören, Frau Müller!",
        "Ich wünsche Ihnen einen schönen Tag.",
        "Au revoir et merci.",
        "Bonne journée à vous !",
        "Que tenga un buen día.",
        "Arrivederci.",
        "Fijne dag nog!",
        "Até logo!",
        "Do widzenia!",
        "Hej då!",
        "До свидания!",
        "Viszonthallásra!",
        "失礼いたします。",
        "안녕히 계세요.",
    ],
)
def test_a_good_bye_is_one_in_every_language(sentence: str) -> None:
    assert says_farewell(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Guten Tag, hier ist Zoë.",
        "Bis wann brauchen Sie das?",
        "Oder sagen wir schon auf Wiederhören?",
        "Buenos días.",
        "Das war ein schöner Tag für alle hier.",
    ],
)
def test_other_sentences_are_none(sentence: str) -> None:
    assert not says_farewell(sentence)

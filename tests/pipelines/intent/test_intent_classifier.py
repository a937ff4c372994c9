"""What the classifier promises one text at a time: the law first, the question asked, and any input at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intent.answers import fits
from pipelines.intent.classifier import MAX_CHARS, Intent, classify
from pipelines.intent.labels import EXPECTED, LABELS, Expected


@pytest.mark.parametrize(
    "text",
    [
        "stop calling me",
        "Stop calling me!",
        "please take me off your list",
        "I don't care who you are just stop calling me",
        "my wife told you to stop calling",
        "you never stop calling",
        "if you don't stop calling me I'll sue you",
        "why don't you stop calling us",
        "put me on your do-not-call list please",
        "I said remove my number",
        "I\N{RIGHT SINGLE QUOTATION MARK}d like to be taken off the list",
        "yeah I'm busy and also never call this number again okay bye",
        "are you a real person? whatever, stop calling me",
        "can I talk to a person so they take me off your list",
        "STOP",
        "unsubscribe",
    ],
)
def test_an_opt_out_is_never_missed(text: str) -> None:
    assert classify(text).label == "opt_out"


@pytest.mark.parametrize(
    "text",
    [
        "don't stop",
        "please do not stop",
        "never stop",
        "please don't take me off the list",
        "I'm not asking you to stop calling",
        "I don't mind if you call again",
        "how does it deal with people who say stop calling me",
        "can callers ask to be removed from the list",
        "what happens when someone says stop calling me",
        "do you check the do not call list before dialing",
        "my mother told the bank to stop calling her",
        "he stopped calling me last year",
        "don't call me before ten",
        "why did you stop calling me",
        "stop",
        "stop talking",
        "I want to call off the demo",
        "don't email me the invoice, send it by post",
    ],
)
def test_what_only_looks_like_an_opt_out_is_none(text: str) -> None:
    assert classify(text).label != "opt_out"


@pytest.mark.parametrize("asked", ["team_size", "email", "time_slot", "confirmation"])
def test_the_law_comes_before_the_question_asked(asked: str) -> None:
    assert classify("take me off your list", expecting=asked).label == "opt_out"
    assert classify("let me talk to a human", expecting=asked).label == "wants_person"
    assert classify("are you a robot", expecting=asked).label == "are_you_a_bot"


@pytest.mark.parametrize(
    ("text", "expecting", "label"),
    [
        ("no", None, "no"),
        ("no", "budget", "qualification_answer"),
        ("no", "time_slot", "no"),
        ("no", "confirmation", "no"),
        ("yes", "authority", "qualification_answer"),
        ("yes", "confirmation", "yes"),
        ("yes", "email", "yes"),
        ("fifty", "team_size", "qualification_answer"),
        ("next quarter", "timing", "qualification_answer"),
        ("now", "timing", "qualification_answer"),
        ("two", "time_slot", "booking"),
        ("tuesday", "time_slot", "booking"),
        ("jane at acme dot com", "email", "qualification_answer"),
        ("how much is it", "team_size", "pricing"),
        ("does it speak spanish", "team_size", "product_question"),
        ("hold on", "time_slot", "wait"),
        ("what's the capital of france", "team_size", "other"),
    ],
)
def test_the_question_asked_tells_what_an_answer_means(text: str, expecting: str | None, label: str) -> None:
    assert classify(text, expecting=expecting).label == label


@pytest.mark.parametrize("text", ["don't stop", "please don't stop calling me", "oh please do not stop"])
def test_who_wants_us_to_go_on_is_not_waited_for(text: str) -> None:
    assert classify(text).label != "wait"


def test_what_could_be_anything_is_other_and_nearly_sure_to_be_none_of_it() -> None:
    intent = classify("that meeting")
    assert intent.label == "other"
    assert 0.7 < intent.confidence < 0.9


@pytest.mark.parametrize(
    ("plain", "expecting", "could"),
    [
        ("jane", "name", True),
        ("my name is jane maria van dijk", "name", False),
        ("the acme trading company of hamburg", "company", True),
        ("faster answers", "need", True),
        ("hmm", "need", False),
        ("who wants to know", "name", False),
        ("around fifty", "team_size", True),
        ("blue", "team_size", False),
        ("jane", "confirmation", False),
    ],
)
def test_an_answer_has_the_form_of_what_was_asked(plain: str, expecting: Expected, could: bool) -> None:
    assert fits(plain, expecting) == could


def test_an_unknown_question_is_ignored() -> None:
    assert classify("fifty people", expecting="favourite_colour") == classify("fifty people")


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "\n"])
def test_text_without_words_is_other(text: str) -> None:
    assert classify(text) == Intent("other", 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "and mister john dashwood had then leisure to consider how much there might be prudently in his power to do "
        "for them",
        "he was not an ill disposed young man",
        "go forward ten meters",
    ],
)
def test_literature_and_commands_are_out_of_scope(text: str) -> None:
    assert classify(text).label == "other"


def test_what_stands_in_the_middle_of_a_long_text_is_heard() -> None:
    said = (
        "hey so listen I was just driving home and um my colleague mentioned you and before we go any further how "
        "much does it"
        " cost a month because my boss is going to ask me that"
    )
    assert classify(said).label == "pricing"


def test_a_very_long_text_is_read_at_its_ends() -> None:
    assert classify("blah " * MAX_CHARS + "stop calling me").label == "opt_out"


@given(text=st.text(max_size=300), expecting=st.sampled_from([None, *EXPECTED]))
def test_any_text_has_a_label_and_a_confidence(text: str, expecting: str | None) -> None:
    intent = classify(text, expecting=expecting)
    assert intent.label in LABELS
    assert 0.0 <= intent.confidence <= 1.0


@given(text=st.text(alphabet="abcdefghij klmnop stop call list me", max_size=60))
def test_the_answer_depends_on_the_text_alone(text: str) -> None:
    assert classify(text) == classify(text)

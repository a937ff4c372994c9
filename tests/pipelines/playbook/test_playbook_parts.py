"""The smaller parts: qualification, objections, tone, slots, persona, answers, results, utterances, understanding."""

import json
from datetime import UTC, date, datetime, time

import pytest
from playbook_talk import MONDAY

from pipelines.intent.classifier import plain_words
from pipelines.playbook import qualification
from pipelines.playbook.answers import spoken_answer
from pipelines.playbook.extract.times import Moment
from pipelines.playbook.facts import Facts
from pipelines.playbook.history import is_failure
from pipelines.playbook.need import find_need
from pipelines.playbook.objections import find_objection
from pipelines.playbook.persona import read_persona
from pipelines.playbook.results import MAX_CHARS, failure_reason, gist
from pipelines.playbook.signs import says
from pipelines.playbook.slots import business_slots, choose, nearest, read_slots, spoken_slot, spread
from pipelines.playbook.tone import is_foreign
from pipelines.playbook.tools import SERVER_TOOLS
from pipelines.playbook.understanding import understand
from pipelines.playbook.utterance import read_utterance

FREE = business_slots(MONDAY)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "asked", "size"),
    [
        ("we have 25 people", False, 25),
        ("a team of twelve", False, 12),
        ("about a couple dozen reps", False, 24),
        ("just me", False, 1),
        ("me and my cofounder", True, 2),
        ("fifty", True, 50),
        ("fifty", False, None),
        ("5k a month", True, None),
        ("fifty not fifteen", True, 50),
        ("we get 200 calls a day", False, None),
    ],
)
def test_team_size(text: str, asked: bool, size: int | None) -> None:
    assert qualification.team_size(text, plain_words(text), asked=asked) == size


@pytest.mark.parametrize(
    ("text", "asked", "budget"),
    [
        ("our budget is two thousand a month", False, "2,000 dollars a month"),
        ("five hundred", True, "500 dollars"),
        ("we don't have a budget", False, "none yet"),
        ("no money set aside yet", True, "none yet"),
        ("five hundred", False, None),
        ("25 people", True, None),
        ("team of twelve, budget 500 a month", True, "500 dollars a month"),
        ("team of twelve, budget 500", True, "500 dollars"),
        ("500 is the budget for twelve people", True, "500 dollars"),
    ],
)
def test_budget(text: str, asked: bool, budget: str | None) -> None:
    assert qualification.budget(text, plain_words(text), asked=asked, asks=False) == budget


@pytest.mark.parametrize(
    ("text", "asked", "authority"),
    [
        ("I make the final decision", False, "self"),
        ("I'm the owner", False, "self"),
        ("just me", True, "self"),
        ("me and my cofounder", False, "shared"),
        ("my boss signs off on everything", False, "other"),
        ("that would be our cfo", True, "other"),
        ("I talked to my boss", False, None),
    ],
)
def test_authority(text: str, asked: bool, authority: str | None) -> None:
    assert qualification.authority(plain_words(text), asked=asked) == authority


@pytest.mark.parametrize(
    ("text", "asked", "timing"),
    [
        ("next quarter i think", True, "next quarter"),
        ("we want to go live by january", False, "by January"),
        ("in about two weeks", True, "in about two weeks"),
        ("as soon as possible", True, "as soon as possible"),
        ("no rush", True, "no rush"),
        ("in a month", True, "in a month"),
        ("we may start soon", True, "soon"),
        ("by the end of may", True, "by the end of May"),
        ("about 3k a month", True, None),
        ("decides and starts next month", False, "next month"),
        ("see you next week", False, None),
    ],
)
def test_timing(text: str, asked: bool, timing: str | None) -> None:
    assert qualification.timing(plain_words(text), asked=asked) == timing


def test_need_is_the_clause_that_says_so() -> None:
    text = "um hi this is Dan, we keep missing calls at lunch, and we have ten people"
    assert find_need(text, plain_words(text), asked=False) == "we keep missing calls at lunch"
    said = "Oh well so I mean we lose orders at night"
    assert find_need(said, plain_words(said), asked=False) == "we lose orders at night"
    said = "right now we lose orders at night"
    assert find_need(said, plain_words(said), asked=False) == said
    assert find_need("penguins", "penguins", asked=True) is None
    assert find_need("this is dan from acme", "this is dan from acme", asked=True) is None


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("that's way too much for us", "too_expensive"),
        ("I'm really not interested in this", "not_interested"),
        ("we already have somebody doing that for us", "has_vendor"),
        ("I don't have time for this right now", "no_time"),
        ("just shoot me an email with the details", "send_email"),
        ("I'd have to run this past my manager first", "think_about_it"),
        ("is this some kind of scam", "suspicious"),
        ("how did you even get this number", "number_source"),
        ("you've got the wrong guy", "wrong_person"),
        ("my customers would hate talking to a robot", "dislikes_ai"),
        ("we have ten people", None),
    ],
)
def test_objections(text: str, objection: str | None) -> None:
    assert find_objection(plain_words(text)) == objection


def test_tone() -> None:
    assert says(plain_words("you stupid bot"), "abuse")
    assert not says(plain_words("that would be stupid of us"), "abuse")
    for foreign in (
        "no hablo ingl\u00e9s",
        "ich m\u00f6chte mit jemandem sprechen",
        "\u043f\u0440\u0438\u0432\u0435\u0442",
    ):
        assert is_foreign(foreign, plain_words(foreign))
    for english in ("can i get a croissant please", "we use die cutting machines", "my name is Garcia"):
        assert not is_foreign(english, plain_words(english))


def test_business_slots_are_on_working_days_after_today() -> None:
    assert FREE[:3] == (at(24, 10), at(24, 14), at(24, 16))
    assert all(slot.weekday() < 5 for slot in FREE)
    assert len(FREE) == 30


def test_times_are_said_and_read_back_the_same() -> None:
    said = f"How about {spoken_slot(FREE[0])}, or {spoken_slot(FREE[4])}?"
    assert read_slots(said, MONDAY) == (FREE[0], FREE[4])
    assert read_slots("I have Tuesday at 10 AM or 2:30 PM.", MONDAY) == (at(24, 10), at(24, 14, 30))
    assert spoken_slot(at(22, 9, 5)) == "Sunday, November 22nd at 9:05 AM"


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("Not the first, the second.", 1),
        ("The first one doesn't work, the last one does", -1),
        ("I can't do the second", None),
        ("the first works", 0),
    ],
)
def test_a_time_that_is_refused_is_not_chosen(said: str, choice: int | None) -> None:
    assert understand(said, "time_slot", MONDAY).choice == choice


def test_a_choice_is_among_what_was_offered_or_else_what_is_free() -> None:
    offered = (at(24, 10), at(25, 14))
    assert choose(Moment(), 1, offered, FREE).chosen == at(25, 14)
    assert choose(Moment(day=date(2026, 11, 25)), None, offered, FREE).chosen == at(25, 14)
    assert choose(Moment(at=time(10)), None, offered, FREE).chosen == at(24, 10)
    assert choose(Moment(day=date(2026, 11, 27), at=time(16)), None, offered, FREE).chosen == at(27, 16)
    part_of_day = choose(Moment(day=date(2026, 11, 26), part="afternoon"), None, offered, FREE)
    assert part_of_day.fitting
    assert part_of_day.alternatives == (at(26, 14), at(26, 16))
    taken = choose(Moment(day=date(2026, 11, 26), at=time(11)), None, offered, FREE)
    assert not taken.fitting
    assert taken.alternatives == (at(26, 10), at(26, 14))
    assert choose(Moment(), None, offered, FREE).chosen is None
    assert nearest(Moment(day=date(2026, 11, 28)), ()) == ()
    assert spread(FREE) == (at(24, 10), at(25, 14))


def test_instructions_are_read_as_far_as_they_are_plain() -> None:
    persona = read_persona("You're Max, the friendly assistant of Globex Corp. Never say exactly what the price is.")
    assert (persona.agent, persona.company, persona.exact) == ("Max", "Globex Corp", None)
    assert read_persona("Company: Hooli\nAgent: Sam").company == "Hooli"
    assert read_persona("You are a helpful assistant.").company is None
    assert read_persona("Respond only with short sentences.").exact is None
    assert read_persona("") == read_persona("   ")


def test_an_answer_is_two_sentences_beginning_where_the_question_is_met() -> None:
    text = "We sell cars. Red ones are fast. Blue ones are slow. There is no green one."
    assert spoken_answer(text, "what do you sell") == "We sell cars. Red ones are fast."
    assert spoken_answer(text, "are blue ones good") == "Blue ones are slow. There is no green one."


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ('{"temperature": 21.0, "sky": "clear"}', "Temperature is 21, sky is clear."),
        ('{"message": "Your order ships today", "code": 3}', "Your order ships today."),
        ('{"order": {"state": "shipped"}, "items": [{"name": "Lamp"}, {"name": "Desk"}]}',
         "Order state is shipped, items: Lamp, Desk."),
        ('[{"name": "A"}, {"name": "B"}, {"name": "C"}, {"name": "D"}]', "A; B; C, and 1 more."),
        ('{"results": []}', "Nothing was found."),
        ("[]", "Nothing was found."),
        ('"Cloudy"', "Cloudy."),
        ("It is noon", "It is noon."),
        ("42", "42."),
        ('{"status": "ok"}', ""),
        ("ok", ""),
        ("", ""),
        ("null", ""),
        ('{"isOpen": true, "closes_at": "6 PM"}', "Is open is yes, closes at is 6 PM."),
    ],
)  # fmt: skip
def test_the_gist_of_a_result(output: str, said: str) -> None:
    assert gist(output) == said


def test_a_long_result_is_cut_to_what_one_says() -> None:
    assert len(gist("A sentence of some length. " * 100)) <= MAX_CHARS + 30
    assert len(gist("word " * 1000)) <= 2 * MAX_CHARS + 1


@pytest.mark.parametrize(
    ("output", "failed"),
    [('{"error": "x"}', True), ('{"ok": false}', True), ('{"status": "conflict"}', True), ("Error: no", True),
     ('{"status": "ok"}', False), ("[]", False), ("done", False), ("", False)],
)  # fmt: skip
def test_failures_are_told_from_results(output: str, failed: bool) -> None:
    assert is_failure(output) is failed


def test_a_reason_is_repeated_only_when_it_is_for_people() -> None:
    assert failure_reason('{"error": {"message": "The line is busy"}}') == "The line is busy."
    assert failure_reason('{"error": "db_timeout"}') == ""
    assert failure_reason("boom") == ""


def test_utterances_of_other_models() -> None:
    assert read_utterance("You're all set for Friday at 11 AM!", MONDAY).books
    assert read_utterance("I'm connecting you with a colleague now.", MONDAY).hands_over
    assert read_utterance("Thanks, have a great day!", MONDAY).takes_leave
    assert read_utterance("Is anyone else involved in the decision?", MONDAY).asks_for_others
    assert read_utterance("Did it rain in Denver?", MONDAY).open_ended
    assert not read_utterance("Are you still there?", MONDAY).open_ended


def test_a_text_is_understood_in_the_light_of_the_question() -> None:
    told = understand("we're 25 people at initech and have about 5k a month", "team_size", MONDAY)
    assert told.facts == Facts(team_size=25, budget="5,000 dollars a month", company="Initech")
    assert understand("dave", "name", MONDAY).facts.name == "Dave"
    assert understand("tom@x.com", "name", MONDAY).facts == Facts(email="tom@x.com")
    both = understand("I'm Ann from Initech, ann@x.com, we're 20 people", "need", MONDAY)
    assert both.facts == Facts(name="Ann", company="Initech", email="ann@x.com", team_size=20)
    assert understand("jane at acme", "email", MONDAY).partial_email
    assert understand("does it work with hubspot", "company", MONDAY).facts.company is None
    assert understand("you idiot we need people", "need", MONDAY).facts == Facts()
    assert understand("", None, MONDAY).empty


def test_the_servers_tools_have_valid_schemas() -> None:
    for tool in SERVER_TOOLS:
        assert tool.parameters["type"] == "object"
        assert set(tool.parameters["required"]) <= set(tool.parameters["properties"])
        assert json.loads(json.dumps(tool.parameters)) == tool.parameters
        assert tool.description

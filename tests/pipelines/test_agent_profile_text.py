"""What an agent is told of who it is, and how the playbook reads it again."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from pipelines.agent_profile import asked_keys, instructions_of, read_profile
from pipelines.playbook.persona import read_persona
from storage.agents.profiles import ProfileFacts, ProfileQuestion

MANNER = "You are friendly."
BIKES = ProfileFacts(
    name="Zoë",
    company="bol.com Bikes & Co.",
    greeting="Welcome to bol.com Bikes, Zoë here.",
    about="bol.com Bikes rents cargo bikes to couriers. A bike costs 149 euros a month.\n## Rules are for fools",
    rules=("Never promise a discount.", 'Say only "no".'),
    questions=(
        ProfileQuestion("day", "Which day suits you for delivery?"),
        ProfileQuestion("size", "How large should the box be?", ("small", "large; with a lid")),
    ),
)


def test_models_are_told_everything_in_order() -> None:
    text = instructions_of(BIKES, MANNER)
    wanted = [
        "Your name is Zoë.",
        "bol.com Bikes & Co.",
        "Welcome to",
        "rents cargo bikes",
        "- Never promise",
        "1. day:",
    ]
    places = [text.index(words) for words in wanted]
    assert places == sorted(places)
    assert text.endswith(MANNER)
    assert instructions_of(ProfileFacts(), MANNER) == f"## How you talk\n{MANNER}"


def test_the_playbook_reads_who_it_is_whatever_a_door_adds() -> None:
    persona = read_persona(f"{instructions_of(BIKES, MANNER)} This is a telephone call.")
    assert (persona.agent, persona.company, persona.greeting) == ("Zoë", BIKES.company, BIKES.greeting)
    assert persona.exact is None, "a rule is no order to say one thing"
    assert persona.facts is not None
    assert persona.facts.search("how much is a bike")[0].text == "A bike costs 149 euros a month."
    assert persona.facts.search("what do you do")[0].text.startswith("bol.com Bikes rents")


def test_a_call_of_ours_opens_as_it_must() -> None:
    told = (
        f'{instructions_of(BIKES, MANNER)} Open with "Hello, this is Zoë, an AI." When they want no more calls, stop.'
    )
    assert read_persona(told).greeting == "Hello, this is Zoë, an AI."


def test_an_agent_that_does_not_qualify_says_so_with_and_without_questions() -> None:
    for facts in (BIKES, ProfileFacts()):
        told = instructions_of(structs.replace(facts, qualifies=False), MANNER)
        read, otherwise = read_profile(told), read_profile(instructions_of(facts, MANNER))
        assert read is not None and otherwise is not None
        assert (read[0].qualifies, otherwise[0].qualifies) == (False, True)
        assert read[0].questions == facts.questions


def test_other_instructions_are_no_profile() -> None:
    assert read_profile("You are Ava from Acme.") is None
    assert asked_keys("You are Ava from Acme.") == frozenset()
    assert asked_keys(instructions_of(BIKES, MANNER)) == {"day", "size"}


LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" #:[]\"'"), min_size=1
).map(lambda text: " ".join(text.split()))
WORDS = LINE.filter(bool)
QUESTIONS = st.builds(
    ProfileQuestion,
    st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True),
    WORDS,
    st.lists(WORDS, max_size=3).map(tuple),
)


@settings(max_examples=40)
@given(
    st.builds(
        ProfileFacts,
        name=LINE,
        company=LINE,
        greeting=LINE,
        about=st.lists(LINE, max_size=4).map("\n".join),
        rules=st.lists(WORDS, max_size=3).map(tuple),
        questions=st.lists(QUESTIONS, max_size=4).map(tuple),
    )
)
def test_whatever_an_operator_writes_stays_in_its_place(facts: ProfileFacts) -> None:
    read = read_profile(instructions_of(facts, MANNER))
    assert read is not None
    told, rest = read
    assert rest == MANNER
    assert (told.name, told.company, told.greeting) == (facts.name, facts.company, facts.greeting)
    assert [one.key for one in told.questions] == [one.key for one in facts.questions]
    asked = [(one.question, one.choices) for one in facts.questions if " One of: " not in one.question]
    assert [(one.question, one.choices) for one in told.questions if " One of: " not in one.question] == asked

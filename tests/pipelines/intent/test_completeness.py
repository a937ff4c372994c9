"""What people went on with, and what they left standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intent.completeness import DOUBTFUL, completeness

UNFINISHED = (
    """
my email is|we have about|so I was thinking that|and|um|i'd like to|we need|my budget is|it depends on
we're looking for|because we|i was wondering if|can you|what do you|how much does it|well|yeah but|let me see
jane dot doe at|jane at acme dot|the|my number is five five five|it's five five five five one two|we use
the thing is|i work for|i think we have|it's around|no I mean|my name is|so basically|the price of|we are a|tell me
i want|if you could|on tuesday at|okay so|you know|and then the|because|i'm|it's|we have a couple of
could you please|what kind of|when we|do you|i don't want to|it would be|there are about|we've got maybe|and our
send it to|my boss and|we tried it but|half past|quarter to|let me think|i guess we|she said that the|what I need is
either tuesday or|yes because|it's jane dot|hold on I|we'd like to start in|between|our main problem is that|uh
okay well|to be honest I|one thing I|we were hoping to|so the reason is|I can do tuesday or|we spend roughly
it's me and|i'm calling about the|they told me the|is there a|yes the number is|no it is|well there is|yes and it is
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

FINISHED = (
    """
yes|no|yeah|nope|how much is it|how much does it cost|we have about fifty people|tomorrow at two|jane@acme.com
that works for me|sure|my email is jane dot doe at acme dot com|thank you|can you say that again|what is it for
who am i talking to|yes i do|no we don't|bye|i don't know|we use hubspot|hold on|two o'clock is fine
i'm not interested|stop calling me|does it work with salesforce|goodbye|okay
five five five one two three four five six seven|that's it|where are you from|how are you|sure go ahead
we're a team of ten|i can't|next quarter|go on|my boss decides|that's all I need|next week i think
it's too expensive|please take me off your list|just me|i see|i'll think about it|what do you do|i have no idea
we want to answer more calls|who is this|can I talk to a person|let me know|tuesday|in the morning
how much there might be prudently in his power to do for them|not really|five thousand a year|what time is it|maybe
is it expensive|do you have a free trial|i would|that's what i want|no thanks|about five hundred a month|it's me
i'm busy right now|yeah that's right|send me an email|can you call me back|that's too much
what are you calling about|call me later|they do|i'm not sure yet|around twenty people|where can i sign up
he was not an ill disposed young man|go forward ten meters|the second one|I'd rather not say that
yes it is|yeah there is|yes he was
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", UNFINISHED)
def test_what_goes_on_scores_low(text: str) -> None:
    assert completeness(text) < 0.5


@pytest.mark.parametrize("text", FINISHED)
def test_what_stands_scores_high(text: str) -> None:
    assert completeness(text) >= 0.5


def test_the_question_asked_tells_a_begun_address_from_a_word() -> None:
    assert completeness("jane dot doe", expecting="email") < 0.5
    assert completeness("jane", expecting="email") < 0.5
    assert completeness("it's jane at acme", expecting="email") < 0.5
    assert completeness("jane", expecting="name") >= 0.5
    assert completeness("jane at acme dot com", expecting="email") >= 0.8
    assert completeness("why do you need that", expecting="email") >= 0.5


def test_a_recognisers_full_stop_does_not_finish_a_conjunction() -> None:
    assert completeness("We have about.") < 0.5
    assert completeness("And.") < 0.5
    assert completeness("We have ten people.") > completeness("We have ten people")


def test_a_comma_and_dots_leave_it_open() -> None:
    assert completeness("We have ten people,") < 0.5
    assert completeness("I think so...") < 0.5


def test_silence_is_nothing_complete() -> None:
    assert completeness("") == 0.0
    assert completeness("  .") == 0.0


@pytest.mark.parametrize("text", ["if we have ten people", "because the team grows", "well since the new people came"])
def test_what_only_sets_the_scene_is_doubtful(text: str) -> None:
    assert completeness(text) == DOUBTFUL
    assert completeness(f"we need it {text}") > DOUBTFUL


def test_a_number_that_may_go_on_is_even() -> None:
    assert 0.4 < completeness("twenty") < completeness("twenty five people")


@given(text=st.text(max_size=200), expecting=st.sampled_from([None, "email", "team_size", "time_slot"]))
def test_any_text_has_a_score(text: str, expecting: str | None) -> None:
    assert 0.0 <= completeness(text, expecting=expecting) <= 1.0

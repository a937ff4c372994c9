import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.tts.clauses import ClauseRules, ClauseSplitter


def clauses_of(text: str, step: int = 1) -> list[str]:
    splitter = ClauseSplitter()
    clauses = [clause for start in range(0, len(text), step) for clause in splitter.feed(text[start : start + step])]
    return [*clauses, splitter.flush()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi Jane, thanks for calling. How are you?", ["Hi Jane,", "thanks for calling.", "How are you?"]),
        ("It costs $1,200 for 3.5 seats.", ["It costs $1,200 for 3.5 seats."]),
        ("Write to jane.doe@acme.com, please do.", ["Write to jane.doe@acme.com,", "please do."]),
        (
            "We serve many, e.g. Dr. Smith and Mrs. Jones. OK?",
            ["We serve many,", "e.g. Dr. Smith and Mrs. Jones.", "OK?"],
        ),
        ("I have 3 p.m. on Tuesday. Fine?", ["I have 3 p.m. on Tuesday.", "Fine?"]),
        ("Open until 5 p.m. Come by.", ["Open until 5 p.m.", "Come by."]),
        ("It is J. R. Miller of the U.S. team.", ["It is J. R. Miller of the U.S. team."]),
        ("The plan costs 25. You pay monthly.", ["The plan costs 25.", "You pay monthly."]),
        ("Steps:\n1. Sign up.\n2. Invite", ["Steps:", "1. Sign up.", "2. Invite"]),
        ("Yes. No! Really?", ["Yes.", "No!", "Really?"]),
        ('"Sure." That works (for me). Bye', ['"Sure."', "That works (for me).", "Bye"]),
        (
            "Our starter plan is great — it has everything you need",
            ["Our starter plan is great —", "it has everything you need"],
        ),
        ("Hmm... let me look", ["Hmm...", "let me look"]),
        ("Visit acme.com/a.b for it", ["Visit acme.com/a.b for it"]),
        ("Well, it is, all in all, good.", ["Well, it is,", "all in all, good."]),
    ],
)
@pytest.mark.parametrize("step", [1, 4, 1000])
def test_cuts(text: str, expected: list[str], step: int) -> None:
    assert [clause.strip() for clause in clauses_of(text, step)] == expected


@given(text=st.text(alphabet=st.sampled_from("ab Z1.,?!:;—…-\n\t@'\"é😀"), max_size=500), step=st.integers(1, 40))
def test_nothing_is_lost_and_no_word_is_torn(text: str, step: int) -> None:
    clauses = clauses_of(text, step)
    assert "".join(clauses) == text
    if max(map(len, text.split()), default=0) < 50:
        assert [word for clause in clauses for word in clause.split()] == text.split()


@given(text=st.text(alphabet=st.sampled_from("abc. ,"), max_size=800))
def test_clauses_are_bounded(text: str) -> None:
    assert all(len(clause.strip()) <= 181 for clause in clauses_of(text, 7))


def test_the_first_clause_comes_early_without_punctuation_and_ends_before_a_joining_word() -> None:
    text = (
        "so basically what we do is we help your sales team to find leads and then we reach out to all of them for you"
    )
    first = ClauseSplitter().feed(text)[0]
    assert len(first) <= 80
    assert text[len(first) :].split(maxsplit=1)[0] == "and"


def test_a_comma_after_few_words_cuts_only_the_first_clause() -> None:
    assert ClauseSplitter().feed("Okay sure, ")[0] == "Okay sure,"
    splitter = ClauseSplitter()
    splitter.feed("Hello there. ")
    assert splitter.feed("Okay sure, then ") == []


def test_rules_are_taken_over() -> None:
    splitter = ClauseSplitter(ClauseRules(first_max_chars=10, max_chars=10))
    assert splitter.feed("one two three four five six ") == ["one two", " three", " four five"]


def test_white_space_alone_is_no_clause() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("  \n\n ") == []
    assert splitter.feed("Hi. ") == ["  \n\n Hi."]

"""Every move has words, every question is understood as one, and nothing is said twice while there is another way."""

import ast
import string
from importlib import resources

import pytest

from pipelines.intent.expectation import expected_answer
from pipelines.playbook.moves import Move, Plan
from pipelines.playbook.phrases import PHRASES
from pipelines.playbook.wording import compose

VALUES = {
    "agent": "Ava", "company": "Initech", "team_size": "12", "budget": "500 dollars", "name": "Tom", "facts": "12 people",
    "slot": "Tuesday, November 24th at 10 AM", "a": "Tuesday, November 24th at 10 AM", "text": "There are three plans.",
    "b": "Wednesday, November 25th at 2 PM", "email": "jane dot doe at acme dot com", "clock": "Berlin time",
    "phone": "415 555 0132", "about": "It is about your trial.", "reason": "your trial",
}  # fmt: skip
ASKS = {
    "ask_time_slot_one": "time_slot", "ask_time_open": "time_slot", "ask_email_again": "email", "ask_email_info": "email",
    "ask_email_instead": "email", "ask_email_contact": "email", "ask_email_front_desk": "email",
    "ask_reason": None, "ask_move": "time_slot", "ask_which_meeting": "time_slot",
    "ask_beside": "time_slot",
}  # fmt: skip
QUESTIONS = [(kind, text) for kind, texts in PHRASES.items() if kind.startswith("ask_") for text in texts]
REACTIONS = [(kind, text) for kind, texts in PHRASES.items() if not kind.startswith("ask_") for text in texts]


@pytest.mark.parametrize(("kind", "text"), QUESTIONS)
def test_a_question_is_recognised_from_its_words(kind: str, text: str) -> None:
    asked = text.format_map(VALUES)
    assert asked.endswith(("?", "please?"))
    assert expected_answer(asked) == ASKS.get(kind, kind.removeprefix("ask_"))


@pytest.mark.parametrize(("kind", "text"), REACTIONS)
def test_a_reaction_asks_nothing_and_begins_shortly(kind: str, text: str) -> None:
    said = text.format_map(VALUES)
    assert kind == "still_there" or "?" not in said
    first = min((said.find(stop) for stop in ".,!?:" if stop in said), default=len(said))
    assert first <= 60


@pytest.mark.parametrize("kind", PHRASES)
def test_a_move_has_several_wordings_which_need_the_same_values(kind: str) -> None:
    texts = PHRASES[kind]
    assert len(texts) >= 2 or kind == "answer"
    assert len(set(texts)) == len(texts)
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts]
    assert set.union(*fields) <= set(VALUES)


def test_every_move_the_code_makes_has_words_and_every_wording_a_move() -> None:
    named: set[str] = set()
    for entry in resources.files("pipelines.playbook").iterdir():
        if entry.name.endswith(".py") and entry.name not in ("phrases.py", "wording.py"):
            strings = (node for node in ast.walk(ast.parse(entry.read_text("utf-8"))) if isinstance(node, ast.Constant))
            named |= {str(node.value) for node in strings if isinstance(node.value, str)}
    made = {kind for kind in PHRASES if kind in named or kind.startswith(("objection_", "ack_", "ask_"))}
    assert set(PHRASES) - made == {"answer_again"}
    from typing import get_args

    from pipelines.intent.labels import EXPECTED
    from pipelines.playbook.objections import Objection

    assert {f"objection_{kind}" for kind in get_args(Objection)} <= set(PHRASES)
    assert {f"ask_{kind}" for kind in EXPECTED if kind != "company"} <= set(PHRASES)


def test_wordings_take_turns() -> None:
    plan = Plan((Move("okay"),), Move("ask_need"))
    said: list[str] = []
    for _ in range(12):
        text = compose(plan, said)
        assert not said or text != said[-1]
        said.append(text)
    assert len(set(said[:4])) == 4


def test_an_answer_given_before_is_marked_as_such() -> None:
    plan = Plan((Move("answer", {"text": "There are three plans."}),))
    assert compose(plan, []) == "There are three plans."
    assert compose(plan, ["There are three plans. Anything else?"]) == "As I said, there are three plans."
    named = Plan((Move("answer", {"text": "Salesforce connects."}),))
    assert compose(named, ["Salesforce connects."]) == "As I said, Salesforce connects."


def test_a_plan_without_parts_is_silence_and_verbatim_is_verbatim() -> None:
    assert compose(Plan(), ["Hello."]) == ""
    assert compose(Plan(verbatim="Hello."), ["Hello."]) == "Hello."

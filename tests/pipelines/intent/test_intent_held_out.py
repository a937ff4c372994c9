"""The classifier on texts it was not trained on; the figures asserted are the ones it reaches, rounded down."""

from collections import Counter
from pathlib import Path

import pytest

from pipelines.intent.classifier import classify, plain_words
from pipelines.intent.labels import EXPECTED, LABELS
from pipelines.intent.training.grammar import corpus
from pipelines.intent.training.train import SEED

HELD_OUT = Path(__file__).with_name("held_out.txt")

RECALL = {
    "pricing": 0.90, "product_question": 0.90, "objection": 0.90, "booking": 0.90, "reschedule": 0.90,
    "qualification_answer": 0.90, "wants_person": 0.95, "opt_out": 1.0, "are_you_a_bot": 0.95, "greeting": 0.95,
    "goodbye": 0.95, "yes": 0.95, "no": 0.90, "repeat": 0.95, "wait": 0.90, "small_talk": 0.95, "other": 0.95,
}  # fmt: skip
PRECISION = {
    "pricing": 0.92, "product_question": 0.92, "objection": 0.90, "booking": 0.92, "reschedule": 0.95,
    "qualification_answer": 0.95, "wants_person": 0.95, "opt_out": 0.95, "are_you_a_bot": 0.95, "greeting": 0.95,
    "goodbye": 0.95, "yes": 0.95, "no": 0.95, "repeat": 0.95, "wait": 0.95, "small_talk": 0.90, "other": 0.88,
}  # fmt: skip
MAX_FALSE_ACCEPT = 0.05


def held_out() -> list[tuple[str, str | None, str]]:
    rows: list[tuple[str, str | None, str]] = []
    label, expecting = "", None
    for line in map(str.strip, HELD_OUT.read_text(encoding="utf-8").splitlines()):
        if line.startswith("["):
            label, _, asked = (part.strip() for part in line[1:-1].partition("|"))
            expecting = asked or None
        elif line and not line.startswith("#"):
            rows.append((label, expecting, line))
    return rows


ROWS = held_out()


def confusion(pairs: Counter[tuple[str, str]]) -> str:
    """The misses, "meant -> heard: how often", for a failing test to print."""
    lines = [f"{meant} -> {heard}: {count}" for (meant, heard), count in pairs.most_common() if meant != heard]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def judged() -> Counter[tuple[str, str]]:
    return Counter((label, classify(text, expecting=expecting).label) for label, expecting, text in ROWS)


def test_the_file_is_sound() -> None:
    assert {label for label, _, _ in ROWS} == set(LABELS)
    assert {expecting for _, expecting, _ in ROWS if expecting} <= set(EXPECTED)
    assert len(ROWS) > 600


def test_no_held_out_text_is_a_training_sentence() -> None:
    """Texts of more than three words; of "hello" and "yes" there is only one way to say them."""
    trained = {plain_words(text) for text, _ in corpus(SEED)}
    shared = {text for _, _, text in ROWS if plain_words(text) in trained and len(text.split()) > 3}
    assert not shared


@pytest.mark.parametrize("label", LABELS)
def test_recall_and_precision(label: str, judged: Counter[tuple[str, str]]) -> None:
    meant = sum(count for (truth, _), count in judged.items() if truth == label)
    heard = sum(count for (_, found), count in judged.items() if found == label)
    right = judged[label, label]
    assert right / meant >= RECALL[label], confusion(judged)
    assert right / heard >= PRECISION[label], confusion(judged)


def test_out_of_scope_texts_are_rejected(judged: Counter[tuple[str, str]]) -> None:
    outside = sum(count for (truth, _), count in judged.items() if truth == "other")
    accepted = outside - judged["other", "other"]
    assert accepted / outside <= MAX_FALSE_ACCEPT, confusion(judged)

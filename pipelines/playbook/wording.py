"""A plan in words.

Which wording is said depends on the conversation alone: the first that has not been said in it, so that nothing is
repeated word for word while there is another way to say it.
"""

from typing import Final

from pipelines.playbook.moves import Move, Plan
from pipelines.playbook.phrases import PHRASES

_EVERYDAY: Final = frozenset(
    """
    yes no there it you we they most all the a an this that these those your our every what which how who when where is
    are do does would could may shall has have about roughly sorry okay good great thanks thank of sure just and so let
    monthly setup support recording data recordings paying outbound other nothing everything nobody any anything
    """.split()
)

_BRIDGES: Final = ("So, ", "Coming back to it: ", "And, ", "Now, ", "Let me ask again: ", "Once more: ")
"""What stands before a sentence when every way to say it has been used."""


def compose(plan: Plan, said: list[str]) -> str:
    """The plan in words; "" for a plan that says nothing. Never the very words said just before, unless verbatim."""
    if plan.verbatim is not None:
        return plan.verbatim
    earlier = "\n".join(said)
    parts = [_word(move, earlier) for move in (*plan.moves, plan.question) if move is not None]
    text = " ".join(parts)
    if text and said and text == said[-1]:
        bridged = (" ".join([*parts[:-1], f"{bridge}{_lower(parts[-1])}"]) for bridge in _BRIDGES)
        return next(other for other in bridged if other != text)
    return text


def _word(move: Move, earlier: str) -> str:
    """A wording of the move: the first not said yet; when all are, the one said longest ago."""
    kind, values = move.kind, move.values
    if kind == "answer" and values["text"] in earlier:
        kind, values = "answer_again", {"text": _lower(values["text"])}
    texts = [_fill(template, values) for template in PHRASES[kind]]
    unsaid = next((text for text in texts if text not in earlier), None)
    return unsaid or min(texts, key=earlier.rfind)


def _fill(template: str, values: dict[str, str]) -> str:
    text = template.format_map(values)
    return text[:1].upper() + text[1:]


def _lower(sentence: str) -> str:
    """A sentence to stand after a bridge: everyday first words lose their capital, names keep it."""
    first = sentence.split(" ", 1)[0].rstrip(",.!?").lower()
    return sentence[:1].lower() + sentence[1:] if first in _EVERYDAY else sentence

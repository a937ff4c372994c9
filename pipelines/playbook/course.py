"""How the talk goes, whatever it is about: who spoke, silence, good-byes, questions and objections in a row."""

from collections import Counter
from typing import Final

from pipelines.playbook.objections import Objection
from pipelines.playbook.understanding import Understanding
from pipelines.playbook.utterance import Utterance

MAX_QUESTIONS: Final = 30
"""So many different questions of the caller count as progress; past them the talk is no longer about buying."""


class Course:
    """``said``: the agent's texts. ``heard``: how many of the caller's. ``unprompted``: texts of the agent since.
    ``holding``: it waits for them; ``closed``: it took leave. ``asking``: texts of the caller in a row that ask
    something; ``asks_on``: the last one only adds to the question before it: "and Pipedrive?". ``silent``: texts in a
    row that say nothing; ``stalled``: that brought nothing new."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.heard = 0
        self.unprompted = 0
        self.holding = False
        self.closed = False
        self.asking = 0
        self.asks_on = False
        self.silent = 0
        self.foreign = 0
        self.insults = 0
        self.stalled = 0
        self.objections: Counter[Objection] = Counter()
        self._content: str | None = None
        self._questions: set[str] = set()
        self._last_objection: Objection | None = None

    @property
    def last_content(self) -> str | None:
        """The last thing the agent said that was more than "take your time"."""
        return self._content or (self.said[-1] if self.said else None)

    @property
    def marks(self) -> tuple[int, int]:
        """What counts as progress."""
        return len(self._questions), len(self.objections)

    def observe_agent(self, text: str, utterance: Utterance) -> None:
        """The agent said this (or as much of it as was heard)."""
        self.said.append(text)
        self.unprompted += 1
        self.holding = utterance.holds
        self.closed = utterance.takes_leave
        if utterance.leaves_message:
            self.stalled = 0  # another talk, with somebody who tells nothing of their own
        if not utterance.holds:
            self._content = text

    def observe_caller(self, latest: Understanding) -> None:
        self.heard += 1
        self.unprompted = 0
        of_product = latest.intent in ("pricing", "product_question")
        asks = of_product or (latest.asks and latest.intent in ("other", "objection"))
        self.asks_on = self.asking > 0 and not of_product and latest.says("adds_to_question")
        self.asking = self.asking + 1 if asks or self.asks_on else 0
        if latest.asks_about_us and len(self._questions) < MAX_QUESTIONS:
            self._questions.add(latest.plain)
        self.silent = self.silent + 1 if latest.empty else 0
        self.foreign += latest.foreign
        self.insults += latest.says("abuse")
        goes_on = latest.objection == "no_time" == self._last_objection and latest.says("why_not_now")
        self._last_objection = latest.objection
        if latest.objection is not None:
            self.objections[latest.objection] += 0 if goes_on else 1

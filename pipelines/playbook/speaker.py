"""Who speaks: somebody who decides, the front desk, or one who was fetched to the phone."""

from pipelines.playbook.facts import Facts
from pipelines.playbook.understanding import Understanding


class Speaker:
    """``front_desk``: who speaks cannot decide, nor tell much. ``newcomer``: somebody else may speak now than before.
    ``has_message``: the front desk was told who called, and why."""

    def __init__(self) -> None:
        self.front_desk = False
        self.newcomer = False
        self.has_message = False
        self._comes_next = False

    def observe_caller(self, latest: Understanding, known: Facts) -> None:
        """Who was fetched to the phone knows nothing of the talk so far. ``known``: who told of their business is no
        front desk, unless they would take a message."""
        fetches = latest.by in ("passes_on", "menu")
        self.newcomer = self._comes_next and not fetches and not latest.empty
        self._comes_next = fetches or (self._comes_next and not self.newcomer)
        if latest.by == "passes_on":
            self.front_desk = self.has_message = False
        elif latest.by == "takes_message" or (
            latest.by == "front_desk" and known.need is None and known.team_size is None
        ):
            self.front_desk = True

    def told(self, facts: Facts) -> Facts:
        """Of what a text tells, what is of use: a front desk's own name is nobody's to sell to."""
        return Facts(email=facts.email, phone=facts.phone) if self.front_desk else facts

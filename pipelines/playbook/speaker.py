"""Who speaks: somebody who decides, the front desk, or one who was fetched to the phone."""

from pipelines.playbook.facts import Facts
from pipelines.playbook.understanding import Understanding


class Speaker:
    """``front_desk``: who speaks cannot decide, nor tell much. ``newcomer``: somebody else may speak now than before."""

    def __init__(self) -> None:
        self.front_desk = False
        self.newcomer = False
        self._comes_next = False

    def observe_caller(self, latest: Understanding, known: Facts) -> None:
        """Who was fetched to the phone knows nothing of the talk so far. ``known``: who told of their business, or who
        they are, is no front desk."""
        fetches = latest.by in ("passes_on", "menu")
        self.newcomer = self._comes_next and not fetches and not latest.empty
        self._comes_next = fetches or (self._comes_next and not self.newcomer)
        if latest.by == "passes_on":
            self.front_desk = False
        elif latest.by == "front_desk" and (known.need, known.team_size, known.name) == (None, None, None):
            self.front_desk = True

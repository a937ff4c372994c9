"""A mistake of ours inside a conversation."""

from typing import Any

import pytest

from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore


def breaks_at(monkeypatch: pytest.MonkeyPatch, kind: type[facts.Fact], *, times: int = 1) -> None:
    """The next ``times`` cores break when such a fact comes, and are broken from then on."""
    step, broken = ConversationCore.step, list[ConversationCore]()

    def breaking(self: ConversationCore, fact: facts.Fact, now_ms: float) -> Any:
        if self in broken or (type(fact) is kind and len(broken) < times):
            broken.append(self)
            raise ZeroDivisionError("a mistake")
        return step(self, fact, now_ms)

    monkeypatch.setattr(ConversationCore, "step", breaking)

"""Models for live turns: each rung of a conversation's ladder finds a provider by itself, and fast.

Before the first token a rung fails over and hedges without its conversation noticing. After it, a failure is told: what
was said so far has been spoken, and the conversation goes on with the next rung, which leaves out who failed in this
very turn.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

from msgspec import Struct

from pipelines.llm.gateway.attempt import Attempt, Desk, Patience
from pipelines.llm.gateway.choice import Choose
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.latency import HedgeSettings, PatienceSettings
from pipelines.llm.gateway.port import Attribution, Task
from pipelines.llm.gateway.race import Race
from pipelines.llm.port import ChatRequest, LlmError, LlmEvent, Serving

_CONVERSATIONS = 4096


class LiveSettings(Struct, frozen=True):
    """What a caller's turn waits for one provider: below the conversation's own deadlines, which are the backstop.
    ``silence_s``: between two pieces of a reply."""

    first_token: PatienceSettings = PatienceSettings()
    silence_s: float = 1.5
    hedging: HedgeSettings = HedgeSettings()


class FailedInTurn:
    """Who failed in the present turn of each conversation. At its bound the conversation quiet longest is forgotten."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, set[str]] = OrderedDict()

    def begin(self, conversation_id: str) -> set[str]:
        """A new turn: nobody failed yet."""
        return self._put(conversation_id, set())

    def present(self, conversation_id: str) -> set[str]:
        """Of the turn that goes on with its next rung."""
        return self._put(conversation_id, self._failed.get(conversation_id, set()))

    def _put(self, conversation_id: str, failed: set[str]) -> set[str]:
        self._failed[conversation_id] = failed
        self._failed.move_to_end(conversation_id)
        if len(self._failed) > _CONVERSATIONS:
            self._failed.popitem(last=False)
        return failed


class LiveRung:
    """Implements ``LanguageModel``. ``after_race`` takes the requests that lost, to be looked after and closed."""

    def __init__(
        self,
        task: Task,
        rung: int,
        *,
        desk: Desk,
        choose: Choose,
        settings: LiveSettings,
        failed: FailedInTurn,
        after_race: Callable[[Race], None],
    ) -> None:
        self._task = task
        self._rung = rung
        self._desk = desk
        self._choose = choose
        self._settings = settings
        self._failed = failed
        self._after_race = after_race

    @property
    def name(self) -> str:
        """Who would be asked now."""
        try:
            return self._choose(frozenset())[0].key
        except LlmError:
            return "no model"

    @property
    def healthy(self) -> bool:
        """Whether anybody can be asked."""
        return self.name != "no model"

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        """Stream a reply: ``Serving`` first, ``Completed`` last. Raises LlmError."""
        failed = self._failed_so_far(request.conversation_id)
        race = Race(
            self._choose(frozenset(failed)),
            lambda endpoint: self._attempt(endpoint, request),
            hedging=self._settings.hedging,
            on_failed=lambda endpoint: failed.add(endpoint.key),
        )
        try:
            runner = await race.winner()
        except asyncio.CancelledError:
            # Who was too slow for the conversation's own patience is not asked again by its next rung.
            failed.update(endpoint.key for endpoint in race.asked)
            raise
        self._after_race(race)
        async with aclosing(cast("Any", runner.events)):
            yield Serving(runner.endpoint.provider, runner.endpoint.model)
            assert runner.first is not None
            yield runner.first
            try:
                async for event in runner.events:
                    yield event
            except (LlmError, asyncio.CancelledError):
                failed.add(runner.endpoint.key)
                raise

    async def aclose(self) -> None:
        """Nothing of its own to close: the gateway does."""

    def _failed_so_far(self, conversation_id: str | None) -> set[str]:
        if conversation_id is None:
            return set()
        return self._failed.present(conversation_id) if self._rung else self._failed.begin(conversation_id)

    def _attempt(self, endpoint: Endpoint, request: ChatRequest) -> Attempt:
        now = asyncio.get_running_loop().time()
        first_token_s = endpoint.first_tokens.give_up_after_ms(self._settings.first_token, now) / 1000
        return Attempt(
            self._desk,
            endpoint,
            request,
            task=self._task,
            whose=Attribution(conversation_id=request.conversation_id, execution_id=request.execution_id),
            patience=Patience(first_token_s, self._settings.silence_s),
        )

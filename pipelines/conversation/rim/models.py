"""A conversation's language models at work: each generation is a stream, read by a task.

No answer comes before what it answers is kept: whoever has it need not ask again, whatever becomes of this process. A
model that is reached over a network takes longer than the database; the playbook waits for some milliseconds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

import msgspec

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.work import Own, Post, Work
from pipelines.llm.port import ChatRequest, Completed, LanguageModel, LlmError, Serving, TextDelta, ToolCallDelta

log = logging.getLogger(__name__)

KEPT_WITHIN_S = 0.25
"""A caller hears an answer that much later at most because the database is slow."""


class ModelWork(Work):
    """``kept``: waits, for so many seconds at most, until what was remembered outlives this process · ``execution_id``:
    whose the models' cost is, beside the conversation's."""

    def __init__(
        self,
        models: Sequence[LanguageModel],
        *,
        kept: Callable[[float], Awaitable[object]],
        conversation_id: str,
        execution_id: str | None,
        post: Post,
        own: Own,
    ) -> None:
        super().__init__(post=post, own=own)
        self._models = models
        self._kept = kept
        self._conversation_id = conversation_id
        self._execution_id = execution_id
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def start(self, action: act.StartModel) -> None:
        request = msgspec.structs.replace(
            action.request, conversation_id=self._conversation_id, execution_id=self._execution_id
        )
        generation = action.generation
        task = self._own(self._read(generation, self._models[action.rung], request), f"model {generation}")
        self._tasks[generation] = task
        task.add_done_callback(lambda _: self._tasks.pop(generation, None))

    def stop(self, action: act.StopModel) -> None:
        if (task := self._tasks.pop(action.generation, None)) is not None:
            task.cancel()

    async def _read(self, generation: int, model: LanguageModel, request: ChatRequest) -> None:
        serving, is_told, answers = model.name, False, False
        try:
            async with aclosing(cast("Any", model.stream(request))) as stream:
                async for event in stream:
                    if isinstance(event, Serving):
                        serving = f"{event.provider}/{event.model}"
                    if not is_told:  # only now: the model is asked before anything is told
                        is_told = True
                        self._post(facts.ModelServing(generation, serving))
                    if not (answers or isinstance(event, Serving)):
                        answers = True
                        await self._kept(KEPT_WITHIN_S)
                    match event:
                        case TextDelta(text):
                            self._post(facts.ModelText(generation, text))
                        case ToolCallDelta(index, arguments, call_id, name):
                            self._post(facts.ModelToolCall(generation, index, call_id, name, arguments))
                        case Completed(reason, usage):
                            self._post(facts.ModelFinished(generation, reason, usage))
                            return
            self._fail(generation, serving, "model_incomplete", "The model's stream ended unfinished.")
        except LlmError as error:
            log.warning("model %s failed: %s", serving, error.code)
            self._fail(generation, serving, error.code, str(error))
        except Exception:
            log.exception("model %s broke", serving)
            self._fail(generation, serving, "model_error", "The language model failed.")

    def _fail(self, generation: int, serving: str, code: str, message: str) -> None:
        """Who failed may have been told of already, or not."""
        self._post(facts.ModelServing(generation, serving))
        self._post(facts.ModelFailed(generation, code, message))

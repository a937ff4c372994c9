"""Requests of one conversation begin alike, to the byte, so that providers find the beginning in their caches."""

import json
from collections.abc import Iterator
from typing import Any

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, OwnTool, ReplySettings
from pipelines.conversation.truncation import Truncation
from pipelines.llm import anthropic_request, openai_request
from pipelines.llm.port import ChatRequest, Message, Usage
from pipelines.llm.profiles import OPENAI
from pipelines.playbook.tools import SERVER_TOOLS
from pipelines.tools.port import ToolPolicy

ABOUT = "What there is to know of the caller. "
LOOKS_UP, ACTS = ToolPolicy(retrieves=True), ToolPolicy(has_effect=True)
SETTINGS = ConversationSettings(
    reply=ReplySettings(instructions="Sell telephones. " * 20, modality="text"),
    turn_detection=None,
    own_tools=tuple(OwnTool(spec, LOOKS_UP if spec.name == "search_knowledge" else ACTS) for spec in SERVER_TOOLS),
)


def requests_of(turns: int, truncation: Truncation = SETTINGS.truncation, *, words: int = 20) -> list[ChatRequest]:
    """What the model is asked in a typed conversation of so many turns; something else is known in each, and every
    fourth looks something up."""
    core = ConversationCore(
        ConversationSettings(
            reply=SETTINGS.reply, turn_detection=None, own_tools=SETTINGS.own_tools, truncation=truncation
        ),
        id_prefix="t",
    )
    return list(_asked(core, turns, words))


def _asked(core: ConversationCore, turns: int, words: int) -> Iterator[ChatRequest]:
    for turn in range(turns):
        now_ms = turn * 10_000.0
        core.step(facts.Briefed(f"{ABOUT}Score {turn}."), now_ms)
        core.step(facts.ItemCreate(user_text("", f"Question {turn}? " + "word " * words)), now_ms)
        actions = core.step(facts.ResponseCreate(), now_ms)
        if turn % 4 == 2:
            asked = _model_asked(actions)
            yield asked.request
            call = facts.ModelToolCall(asked.generation, 0, f"call_{turn}", "search_knowledge", '{"query":"price"}')
            core.step(call, now_ms)
            actions = core.step(facts.ModelFinished(asked.generation, "tool_calls", Usage()), now_ms)
            (run,) = [action for action in actions if isinstance(action, act.RunTool)]
            actions = core.step(facts.ToolFinished(run.call_id, json.dumps({"passages": ["word " * 50]})), now_ms)
        asked = _model_asked(actions)
        yield asked.request
        core.step(facts.ModelText(asked.generation, f"Answer {turn}. " + "word " * words), now_ms)
        core.step(facts.ModelFinished(asked.generation, "stop", Usage()), now_ms)


def _model_asked(actions: list[act.Action]) -> act.StartModel:
    (asked,) = [action for action in actions if isinstance(action, act.StartModel)]
    return asked


def openai_prompt(request: ChatRequest) -> str:
    """As such a provider reads it: tools, then messages."""
    body = openai_request.request_body(OPENAI, "gpt-5.1", request)
    return json.dumps([body["tools"], *body["messages"]])


def common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def claude_blocks(request: ChatRequest) -> list[tuple[str, bool]]:
    """In the order Claude reads them, each with whether what ends with it is to be cached."""
    body = anthropic_request.request_body("claude-haiku-5-5", request)
    blocks: list[dict[str, Any]] = [{"tools": body["tools"]}, *body["system"]]
    for message in body["messages"]:
        blocks += [{"role": message["role"], **block} for block in message["content"]]
    marks = [block.pop("cache_control", None) for block in blocks]
    return [(json.dumps(block), mark is not None) for block, mark in zip(blocks, marks, strict=True)]


def read_from_cache(requests: list[ChatRequest]) -> tuple[int, int, int]:
    """Characters read from Claude's cache, written to it, and of all requests. What ends at a mark is written; the
    longest of that which a request begins with is read, looked for up to 20 blocks before each of its own marks."""
    written: set[str] = set()
    read = wrote = every = 0
    for request in requests:
        blocks = claude_blocks(request)
        prompts = ["".join(text for text, _ in blocks[: count + 1]) for count in range(len(blocks))]
        marks = [at for at, (_, is_marked) in enumerate(blocks) if is_marked]
        assert len(marks) <= 4
        found = [prompts[at] for mark in marks for at in range(max(0, mark - 20), mark + 1) if prompts[at] in written]
        known = max(map(len, found), default=0)
        read, every = read + known, every + len(prompts[-1])
        wrote += max(len(prompts[mark]) for mark in marks) - known
        written |= {prompts[mark] for mark in marks}
    return read, wrote, every


def test_a_request_begins_with_all_of_the_one_before_but_what_changes() -> None:
    requests = requests_of(12)
    full = [request for request in requests if len(request.tools) == len(SERVER_TOOLS)]
    assert len(full) == 12
    for before, after in zip(full, full[1:], strict=False):
        changing = next(at for at, message in enumerate(before.messages) if ABOUT in message.content)
        assert before.messages[:changing] == after.messages[:changing]
        assert (before.messages[changing].passing, before.tools) == (True, after.tools)
        about = openai_prompt(before).index('{"role": "system", "content": "' + ABOUT)
        assert common(openai_prompt(before), openai_prompt(after)) >= about


def test_beyond_its_limit_a_conversation_keeps_its_beginning_for_many_turns() -> None:
    """Each turn has 248 tokens of messages, a fifth of the limit holds four of them."""
    requests = requests_of(60, Truncation(limit_tokens=5000), words=90)
    begins = [request.messages[1].content for request in requests if len(request.tools) == len(SERVER_TOOLS)]
    moved = sum(one != other for one, other in zip(begins, begins[1:], strict=False))
    assert 5 <= moved <= 60 / 4


def test_what_is_known_of_a_caller_is_no_part_of_the_system_prompt_that_calls_share() -> None:
    systems = [anthropic_request.request_body("claude-haiku-5-5", request)["system"] for request in requests_of(3)]
    assert ABOUT not in str(systems)
    assert systems == [systems[0]] * len(systems)


def test_a_single_question_is_not_written_to_the_cache() -> None:
    request = ChatRequest(messages=(Message("system", "Judge."), Message("user", "data")), response_schema={})
    body = anthropic_request.request_body("claude-haiku-5-5", request)
    assert "cache_control" in body["system"][0]
    assert "cache_control" not in str(body["messages"])


def test_what_claude_is_asked_to_cache_is_what_comes_again() -> None:
    """All but what is new, what changes, and what a model reads with fewer tools for the first time."""
    read, wrote, every = read_from_cache(requests_of(40))
    assert read > 0.88 * every
    assert wrote < 0.07 * every

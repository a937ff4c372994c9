"""What servers do that the simulated ones do not."""

import msgspec
import pytest

from pipelines.llm.openai_reply import OpenAIReplyReader
from pipelines.llm.port import Completed, LlmError, TextDelta, ToolCallDelta, Usage


def read(*chunks):
    reader = OpenAIReplyReader("server")
    return [event for chunk in chunks for event in reader.read(msgspec.json.encode(chunk))], reader


def delta(finish=None, **fields):
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def call(index=None, **fields):
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    piece = {**fields, "function": function}
    return delta(tool_calls=[piece if index is None else {"index": index, **piece}])


def test_calls_that_all_have_the_same_index():
    events, _ = read(call(0, id="a", name="x", arguments="{}"), call(0, id="b", name="y", arguments="{}"))
    assert events == [ToolCallDelta(0, "{}", "a", "x"), ToolCallDelta(1, "{}", "b", "y")]


def test_calls_without_index():
    events, _ = read(call(id="a", name="x", arguments='{"a":'), call(arguments="1}"), call(id="b", name="y"))
    assert events == [ToolCallDelta(0, '{"a":', "a", "x"), ToolCallDelta(0, "1}"), ToolCallDelta(1, "", "b", "y")]


def test_id_and_name_repeated_in_each_piece():
    events, _ = read(call(0, id="a", name="x", arguments="{"), call(0, id="a", name="x", arguments="}"))
    assert events == [ToolCallDelta(0, "{", "a", "x"), ToolCallDelta(0, "}")]


def test_a_call_without_id_gets_one_that_no_other_replys_call_has():
    replies = [read(call(0, name="x", arguments="{}"), call(0, arguments=""))[0] for _ in range(2)]
    ids = [event.call_id for events in replies for event in events]
    assert replies == [[ToolCallDelta(0, "{}", call_id, "x")] for call_id in ids]
    assert len({*ids, ""}) == 3


def test_a_normal_stop_after_tool_calls_is_tool_calls():
    _, reader = read(call(0, id="a", name="x"), delta("stop"))
    assert reader.completed().finish_reason == "tool_calls"


def test_usage_may_come_first_last_or_never():
    usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}
    assert read(usage, delta("stop"))[1].completed() == Completed("stop", Usage(9, 2))
    assert read(delta("stop"), usage)[1].completed() == Completed("stop", Usage(9, 2))
    _, reader = read(delta("stop"))
    assert (reader.is_finished, reader.is_over, reader.completed()) == (True, False, Completed("stop"))


@pytest.mark.parametrize("chunk", [{"choices": []}, {"choices": None}, delta(), {"choices": [{"delta": None}]}, {}])
def test_chunks_that_say_nothing(chunk):
    assert read(chunk)[0] == []


def test_an_end_without_a_finish_is_incomplete():
    events, reader = read(delta(content="Well, I"))
    reader.read(b"[DONE]")
    assert events == [TextDelta("Well, I")]
    with pytest.raises(LlmError) as failed:
        reader.completed()
    assert (failed.value.code, failed.value.retryable) == ("llm_incomplete", True)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("error", "llm_provider_error"),
        ("abort", "llm_provider_error"),
        ("insufficient_system_resource", "llm_overloaded"),
    ],
)
def test_finishing_with_an_error(reason, code):
    with pytest.raises(LlmError) as failed:
        read(delta(reason, content=""))
    assert (failed.value.code, failed.value.retryable) == (code, True)


def said(*pieces, finish="stop"):
    events, _ = read(*(delta(content=piece) for piece in pieces), delta(finish))
    return "".join(event.text for event in events)


@pytest.mark.parametrize(
    ("pieces", "heard"),
    [
        (["<think>They ask", " for a price.</think>\n\nTen", " dollars."], "Ten dollars."),
        (["\n<th", "ink>", "Hm.</thi", "nk>", "\n", "\nTen."], "Ten."),
        (["<think>\n\n</think>\n\nYes."], "Yes."),
        (["<think>Hm.</think>", "</think> is a tag."], "</think> is a tag."),
        (["<think>It never ends"], ""),
        (["  Ten", " <think> dollars."], "  Ten <think> dollars."),
        (["<", "5 is less."], "<5 is less."),
        (["<thi"], "<thi"),
        (["<thing>"], "<thing>"),
        ([" "], " "),
    ],
)
def test_thoughts_in_front_of_a_reply_are_not_said(pieces, heard):
    assert said(*pieces) == heard
    assert said(*"".join(pieces)) == heard, "letter by letter"


def test_a_thought_is_no_sign_of_a_reply():
    events, _ = read(delta(content="<think>Let me"), delta(content=" see.</think>"))
    assert events == []


def test_calls_behind_thoughts_are_read():
    events, _ = read(
        delta(content="<think>Hm.</think>"), call(0, id="a", name="x", arguments="{}"), delta("tool_calls")
    )
    assert events == [ToolCallDelta(0, "{}", "a", "x")]


def test_a_refusal_is_what_the_model_says():
    events, _ = read(delta(content=None, refusal="I can't"), delta(refusal=" do that."), delta("stop"))
    assert "".join(event.text for event in events) == "I can't do that."

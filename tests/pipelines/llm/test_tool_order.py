from pipelines.llm.port import Message, ToolCall
from pipelines.llm.tool_order import NO_RESULT, results_after_calls

CALLS = Message("assistant", "", (ToolCall("1", "a", "{}"), ToolCall("2", "b", "{}")))
ONE, TWO = Message("tool", "one", tool_call_id="1"), Message("tool", "two", tool_call_id="2")
USER = Message("user", "hm")


def test_results_move_behind_their_calls_in_the_order_of_the_calls():
    assert results_after_calls((CALLS, USER, TWO, ONE)) == [CALLS, ONE, TWO, USER]


def test_a_missing_result_is_made_up_and_a_stray_one_left_out():
    stray = Message("tool", "three", tool_call_id="3")
    assert results_after_calls((USER, stray, CALLS, ONE)) == [
        USER,
        CALLS,
        ONE,
        Message("tool", NO_RESULT, tool_call_id="2"),
    ]

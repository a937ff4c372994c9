import pytest

from pipelines.llm.event_stream import LONGEST_EVENT_BYTES, EventStreamDecoder
from pipelines.llm.port import LlmError

BODY = (
    b': a comment\n\ndata: {"a":1}\r\n\r\nevent: x\ndata:one\ndata: two\n\nid: 3\n\ndata: [DONE]\n\ndata: unfinished\n'
)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_events_come_whole_however_the_bytes_fall(size):
    decoder = EventStreamDecoder()
    events = [event for at in range(0, len(BODY), size) for event in decoder.feed(BODY[at : at + size])]
    assert events == [b'{"a":1}', b"one\ntwo", b"[DONE]"]


def test_an_endless_event_fails():
    with pytest.raises(LlmError) as failed:
        EventStreamDecoder().feed(b"x" * (LONGEST_EVENT_BYTES + 1))
    assert failed.value.code == "llm_bad_chunk"

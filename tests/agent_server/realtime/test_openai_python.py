"""The vendor's own Python client against our server: what works with theirs works with ours."""

import asyncio
import base64
import json

import msgspec
import pytest
from live_server import Server, StartServer, kinds, say, speech, until
from scripted_engines import FakeRecognizer, FakeStream, scripted_engines
from websockets.exceptions import InvalidStatus

from pipelines.llm.port import ChatRequest, ToolCallDelta
from pipelines.stt.port import SttOptions

MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
EAGER = {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}, "transcription": {"model": "whisper-1"}}
LISTENING = {"type": "realtime", "audio": {"input": EAGER}}

TEXT_TURN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]


async def text_turn(connection, text: str) -> list:
    await connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    )
    await until(connection, "conversation.item.done")
    await connection.response.create(response={"output_modalities": ["text"]})
    return await until(connection, "response.done")


async def test_a_session_begins_with_its_full_settings(live: Server) -> None:
    async with live.openai().realtime.connect(model="any-name") as connection:
        created = (await until(connection, "session.created"))[-1].session
        assert created.type == "realtime"
        assert created.model == "any-name"
        assert created.id.startswith("sess_")
        assert created.audio.input.turn_detection.type == "semantic_vad"


async def test_a_text_turn(live: Server) -> None:
    async with live.realtime() as connection:
        events = await text_turn(connection, "How much is it?")
        vendors = [event for event in events if not event.type.startswith("sales_agent.")]
        assert kinds(vendors) == TEXT_TURN
        done = events[-1].response
        assert done.status == "completed"
        assert done.output[0].content[0].text == "It costs fifty dollars a month. "
        assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens > 0


@pytest.mark.parametrize(
    ("noise_reduction", "within_ms"),
    [(None, 40), ({"type": "near_field"}, 150)],  # the last sound fades away, and ends earlier where noise is lowered
)
async def test_a_voice_turn_with_real_speech(
    live: Server, noise_reduction: dict[str, str] | None, within_ms: int
) -> None:
    listening = {"type": "realtime", "audio": {"input": {**EAGER, "noise_reduction": noise_reduction}}}
    async with live.realtime() as connection:
        await connection.session.update(session=listening)
        await until(connection, "session.updated")
        talking = asyncio.create_task(say(connection, speech()))
        events = await until(connection, "response.done")
        await talking
    order = kinds(events)
    for earlier, later in [
        ("input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"),
        ("input_audio_buffer.speech_stopped", "input_audio_buffer.committed"),
        ("input_audio_buffer.committed", "conversation.item.added"),
        ("conversation.item.done", "response.created"),
        ("response.content_part.added", "response.output_audio.delta"),
        ("response.output_audio.done", "response.output_audio_transcript.done"),
        ("response.output_audio_transcript.done", "response.done"),
    ]:
        assert order.index(earlier) < order.index(later), (earlier, later)
    stopped = next(event for event in events if event.type == "input_audio_buffer.speech_stopped")
    assert abs(stopped.audio_end_ms - 2600) <= within_ms, "the recording ends on its last sound"
    heard = next(event for event in events if event.type.endswith("transcription.completed"))
    assert heard.transcript == "how much does it cost"
    audio = b"".join(base64.b64decode(e.delta) for e in events if e.type == "response.output_audio.delta")
    words = "".join(e.delta for e in events if e.type == "response.output_audio_transcript.delta")
    assert words == "It costs fifty dollars a month."
    assert len(audio) == 6 * 250 * 48, "six words of 250 ms each"
    item_ids = {e.item_id for e in events if e.type.startswith("input_audio_buffer.speech")}
    assert item_ids == {heard.item_id}


async def test_a_function_call_goes_out_and_its_result_comes_back(start_live: StartServer) -> None:
    def answer(request: ChatRequest) -> str | ToolCallDelta:
        if request.messages[-1].role == "tool":
            return f"It is {json.loads(request.messages[-1].content)['sky']} there."
        return ToolCallDelta(0, '{"city":"Rome"}', "call_1", "get_weather")

    server = await start_live(scripted_engines(answer=answer))
    tool = {"type": "function", "name": "get_weather", "description": "", "parameters": {"type": "object"}}
    async with server.realtime() as connection:
        await connection.session.update(session={"type": "realtime", "tools": [tool]})
        events = await text_turn(connection, "What is the weather in Rome?")
        (call,) = events[-1].response.output
        assert (call.type, call.name, call.arguments, call.status) == (
            "function_call",
            "get_weather",
            '{"city":"Rome"}',
            "completed",
        )
        order = kinds(events)
        assert order.index("response.function_call_arguments.done") < order.index("response.output_item.done")
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id, "output": '{"sky":"sunny"}'}
        )
        await connection.response.create(response={"output_modalities": ["text"]})
        done = (await until(connection, "response.done"))[-1]
        assert done.response.output[0].content[0].text == "It is sunny there. "


async def test_an_interruption_and_its_truncation(start_live: StartServer) -> None:
    long_reply = "word " * 40
    server = await start_live(scripted_engines(["no wait please", "thank you"], answer=lambda _: long_reply))
    async with server.realtime() as connection:
        await connection.session.update(session=LISTENING)
        await connection.response.create()
        for _ in range(3):
            item_id = (await until(connection, "response.output_audio_transcript.delta"))[-1].item_id
        talking = asyncio.create_task(say(connection, speech()))
        events = await until(connection, "response.done")
        assert "input_audio_buffer.speech_started" in kinds(events)
        done = events[-1].response
        assert (done.status, done.status_details.reason) == ("cancelled", "turn_detected")
        assert done.output[0].status == "incomplete"
        await connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=510)
        truncated = (await until(connection, "conversation.item.truncated"))[-1]
        assert (truncated.item_id, truncated.audio_end_ms) == (item_id, 510)
        await connection.conversation.item.retrieve(item_id=item_id)
        item = (await until(connection, "conversation.item.retrieved"))[-1].item
        assert item.content[0].transcript == "word word", "two words of 250 ms were heard in 510 ms"
        talking.cancel()


async def test_what_is_truncated_is_gone_although_all_of_it_was_sent(start_live: StartServer) -> None:
    server = await start_live(scripted_engines(answer=lambda _: "one two three four"))
    async with server.realtime() as connection:
        await connection.response.create()
        (item,) = (await until(connection, "response.done"))[-1].response.output
        assert (item.status, item.content[0].transcript) == ("completed", "one two three four")
        await connection.conversation.item.truncate(item_id=item.id, content_index=0, audio_end_ms=510)
        await connection.conversation.item.retrieve(item_id=item.id)
        item = (await until(connection, "conversation.item.retrieved"))[-1].item
        assert (item.status, item.content[0].transcript) == ("incomplete", "one two")


async def test_a_response_can_be_cancelled(start_live: StartServer) -> None:
    server = await start_live(scripted_engines(answer=lambda _: "word " * 200, token_s=0.05))
    async with server.realtime() as connection:
        await connection.response.create(response={"output_modalities": ["text"]})
        await until(connection, "response.output_text.delta")
        await connection.response.cancel()
        done = (await until(connection, "response.done"))[-1].response
        assert (done.status, done.status_details.reason) == ("cancelled", "client_cancelled")
        await connection.response.cancel()
        error = (await until(connection, "error"))[-1].error
        assert error.code == "response_cancel_not_active"


async def test_errors_name_the_clients_event_and_the_session_lives_on(live: Server) -> None:
    async with live.realtime() as connection:
        await connection.send({"type": "conversation.item.delete", "event_id": "mine", "item_id": "nobody"})
        error = (await until(connection, "error"))[-1].error
        assert (error.code, error.event_id, error.type) == ("unknown_item", "mine", "invalid_request_error")
        assert (await text_turn(connection, "Still there?"))[-1].response.status == "completed"


async def test_noise_reduction_holds_nothing_back_from_a_commit(live: Server) -> None:
    """100 ms is the least that may be committed."""
    manual = {"turn_detection": None, "noise_reduction": {"type": "far_field"}}
    async with live.realtime() as connection:
        await connection.session.update(session={"type": "realtime", "audio": {"input": manual}})
        updated = (await until(connection, "session.updated"))[-1].session
        assert updated.audio.input.noise_reduction.type == "far_field"
        for _ in range(2):
            await connection.input_audio_buffer.append(audio=base64.b64encode(speech()[: 100 * 48]).decode())
            await connection.input_audio_buffer.commit()
            await until(connection, "input_audio_buffer.committed")


async def test_manual_commit_and_a_response_beside_the_conversation(live: Server) -> None:
    async with live.realtime() as connection:
        await connection.session.update(session=MANUAL)
        pcm = speech()
        await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())
        await connection.input_audio_buffer.commit()
        events = await until(connection, "conversation.item.done")
        assert "input_audio_buffer.committed" in kinds(events)
        await connection.response.create(
            response={"conversation": "none", "output_modalities": ["text"], "metadata": {"purpose": "summary"}}
        )
        beside = await until(connection, "response.done")
        assert beside[-1].response.conversation_id is None
        assert beside[-1].response.metadata == {"purpose": "summary"}
        assert "conversation.item.added" not in kinds(beside)
        await connection.input_audio_buffer.commit()
        assert (await until(connection, "error"))[-1].error.code == "input_audio_buffer_commit_empty"
        for at in (0, 60):  # what is too little stays in the buffer, and counts with the rest
            await connection.input_audio_buffer.append(audio=base64.b64encode(pcm[at * 48 : (at + 60) * 48]).decode())
            await connection.input_audio_buffer.commit()
            while (event := await connection.recv()).type == "sales_agent.intent":
                pass  # of what was said first: it comes when it is known
            assert event.type == ("input_audio_buffer.committed" if at else "error")


async def test_a_commit_takes_what_was_not_committed_yet(start_live: StartServer) -> None:
    """By the client, or by turn detection, which a session may switch on and off."""
    heard_ms: list[float] = []

    class Stream(FakeStream):
        def finish(self, utterance: int) -> None:
            heard_ms.append(self._bytes[utterance] / 32)
            super().finish(utterance)

    class Recognizer(FakeRecognizer):
        async def open(self, options: SttOptions) -> FakeStream:
            return Stream(self.texts)

    engines = scripted_engines(answer=lambda _: "Fifty.")
    server = await start_live(msgspec.structs.replace(engines, recognisers=(Recognizer(["how much is it"]),)))
    pcm = speech()
    speech_ms = len(pcm) / 48
    async with server.realtime() as connection:

        async def send(audio: bytes) -> None:
            await connection.input_audio_buffer.append(audio=base64.b64encode(audio).decode())

        async def speak() -> None:
            await connection.session.update(session=LISTENING)
            await send(pcm + bytes(48 * 1000))
            await until(connection, "response.done")

        await speak()
        await send(bytes(48 * 200))
        await connection.input_audio_buffer.commit()
        await until(connection, "input_audio_buffer.committed")
        assert 200 <= heard_ms[-1] <= 1200, "the words were committed when the turn ended"

        await connection.session.update(session=MANUAL)
        await send(pcm[: 60 * 48])  # and nobody commits it
        await speak()
        await connection.session.update(session=MANUAL)
        await send(pcm)
        await connection.input_audio_buffer.commit()
        await until(connection, "input_audio_buffer.committed")
        assert heard_ms[-1] == pytest.approx(speech_ms, abs=50)


async def test_telephone_audio_both_ways(live: Server) -> None:
    from pipelines.audio.g711 import ulaw_encode
    from pipelines.audio.resample import resampler

    convert = resampler(24_000, 8000)
    ulaw = ulaw_encode(convert.feed(speech()) + convert.flush()) + b"\xff" * 8000
    formats = {"input": {"format": {"type": "audio/pcmu"}, **EAGER}, "output": {"format": {"type": "audio/pcma"}}}
    async with live.realtime() as connection:
        await connection.session.update(session={"type": "realtime", "audio": formats})
        for at in range(0, len(ulaw), 8000):
            await connection.input_audio_buffer.append(audio=base64.b64encode(ulaw[at : at + 8000]).decode())
        events = await until(connection, "response.done")
    audio = b"".join(base64.b64decode(e.delta) for e in events if e.type == "response.output_audio.delta")
    assert len(audio) == 6 * 250 * 8, "six words of 250 ms, one byte a sample at 8 kHz"


async def test_an_ephemeral_key_opens_a_session_with_its_settings(live: Server) -> None:
    async with live.openai() as client:
        secret = await client.realtime.client_secrets.create(
            session={"type": "realtime", "instructions": "Speak like a pirate."}
        )
    assert secret.value.startswith("ek_")
    async with live.realtime(secret.value) as connection:
        created = (await until(connection, "session.created"))[-1].session
        assert created.instructions == "Speak like a pirate."


async def test_a_response_may_have_a_format_of_its_own(live: Server) -> None:
    async with live.realtime() as connection:
        sizes = {}
        for output in ({"format": {"type": "audio/pcmu"}}, {}):
            await connection.response.create(response={"audio": {"output": output}})
            events = await until(connection, "response.done")
            created = next(event.response for event in events if event.type == "response.created")
            deltas = [event.delta for event in events if event.type == "response.output_audio.delta"]
            sizes[created.audio.output.format.type] = sum(len(base64.b64decode(delta)) for delta in deltas)
        # 8 kHz of one byte beside 24 kHz of two.
        assert abs(sizes["audio/pcm"] / sizes["audio/pcmu"] - 6) < 0.1


async def test_a_call_that_is_not_there_is_no_new_conversation(live: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with live.openai().realtime.connect(call_id="rtc_unknown"):
            pass
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body)["error"]["code"] == "call_not_found"

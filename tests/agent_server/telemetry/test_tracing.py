"""Traces, through the real SDK: in memory for their shape, over OTLP to a receiver for the way out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from live_server import KEY, Server, serving, until
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from scripted_engines import scripted_engines

from agent_server.parts import StartError
from agent_server.settings import ModelSettings, ProcessSettings, Settings, TelemetrySettings
from agent_server.telemetry.providers import ProviderNames
from agent_server.telemetry.tracing import destinations
from agent_server.telemetry.turn_spans import TurnSpans
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import Item
from pipelines.llm.port import ChatRequest, Message, Usage

NAMES = ProviderNames(("deepgram-flux",), ("cerebras", "playbook"), ("cartesia",))
SECRET = "my number is 555 0100"
REQUEST = ChatRequest((Message("user", SECRET),))


def traced(*, with_content: bool) -> tuple[TurnSpans, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = TurnSpans(
        provider.get_tracer("test"),
        NAMES,
        conversation_id="conv_1",
        channel="widget",
        with_content=with_content,
        opened_at_ns=1_000_000_000_000,
    )
    return spans, exporter


def turn(*, with_content: bool) -> tuple[ReadableSpan, ...]:
    """A turn whose first model fails, whose second answers and calls a tool."""
    spans, exporter = traced(with_content=with_content)
    said = Item(id="item_1", type="message", role="assistant", generated="Noted.", sent="Noted.", heard="Noted.")
    usage = Usage(120, 9, 100)
    response = act.Response(id="resp_1", status="completed", modality="audio", output=(said,), usage=usage)
    timings = act.TurnTimings(
        item_id="item_1",
        speech_end_ms=1000.0,
        turn_end_ms=1350.0,
        transcript_ms=1200.0,
        model_start_ms=1200.0,
        first_token_ms=1400.0,
        first_audio_ms=1500.0,
        sent_ms=2000.0,
        response_latency_ms=510.0,
        speculated=True,
        interrupted=False,
        model_rung=1,
        voice_rung=0,
    )
    spans.saw(facts.Transcribed(1, SECRET), [act.TranscriptCompleted("item_0", SECRET, 900.0)], 1200.0)
    spans.saw(facts.Tick(), [act.StartModel(1, 0, REQUEST)], 1200.0)
    spans.saw(facts.ModelFailed(1, "rate_limited", ""), [act.StartModel(2, 1, REQUEST)], 1300.0)
    spans.saw(facts.ModelText(2, "Noted."), [act.OpenVoice(3, 0, None, 1.0)], 1400.0)
    spans.saw(facts.ModelFinished(2, "tool_calls", usage), [act.RunTool("call_1", "note", f'"{SECRET}"', "k")], 1450.0)
    spans.saw(facts.ToolFinished("call_1", SECRET), [act.ToolEnded("call_1", "note", False, 50.0)], 1500.0)
    spans.saw(facts.VoiceFinished(3), [], 1600.0)
    spans.saw(facts.Tick(), [act.ResponseDone(response), timings], 2000.0)
    return exporter.get_finished_spans()


def test_a_turn_is_one_trace_with_the_conventions_names() -> None:
    *inside, root = turn(with_content=False)
    assert [span.name for span in inside] == [
        "speech_to_text deepgram-flux",
        "chat cerebras",
        "chat playbook",
        "text_to_speech cartesia",
        "execute_tool note",
    ]
    assert root.name == "invoke_agent sales-agent"
    assert root.context is not None
    assert all(span.parent is not None and span.parent.span_id == root.context.span_id for span in inside)
    assert root.attributes is not None
    assert root.attributes["gen_ai.conversation.id"] == "conv_1"
    assert root.attributes["sales_agent.response_latency_ms"] == 510.0
    assert (root.start_time, root.end_time) == (1_001_000_000_000, 1_002_000_000_000)
    failed, answered = inside[1], inside[2]
    assert failed.status.status_code is StatusCode.ERROR
    assert (failed.attributes or {})["error.type"] == "rate_limited"
    assert (answered.attributes or {})["gen_ai.usage.input_tokens"] == 120
    assert (answered.attributes or {})["gen_ai.response.finish_reasons"] == ("tool_calls",)
    assert (answered.start_time, answered.end_time) == (1_001_300_000_000, 1_001_450_000_000)


def test_what_was_said_is_in_it_only_when_allowed() -> None:
    assert SECRET not in repr([dict(span.attributes or {}) for span in turn(with_content=False)])
    root = turn(with_content=True)[-1]
    assert SECRET in str((root.attributes or {})["gen_ai.input.messages"])
    assert "Noted." in str((root.attributes or {})["gen_ai.output.messages"])


def test_a_discarded_speculation_belongs_to_the_turn_that_follows() -> None:
    spans, exporter = traced(with_content=False)
    spans.saw(facts.Tick(), [act.StartModel(1, 0, REQUEST)], 100.0)
    spans.saw(facts.RecognizerResumed(1), [act.StopModel(1)], 200.0)
    assert not exporter.get_finished_spans()
    failed = act.Response(id="resp_1", status="failed", modality="audio", error_code="model_error")
    spans.saw(facts.Tick(), [act.ResponseDone(failed)], 900.0)
    chat, root = exporter.get_finished_spans()
    assert (chat.attributes or {})["sales_agent.discarded"] is True
    assert (root.attributes or {})["error.type"] == "model_error"
    assert root.status.status_code is StatusCode.ERROR


def test_off_unless_there_is_somewhere_to_send_them() -> None:
    assert destinations(Settings()) == []
    key_alone = Settings(models=ModelSettings(langsmith_api_key="ls-key"))
    assert destinations(key_alone) == []
    langsmith = Settings(models=ModelSettings(langsmith_tracing=True, langsmith_api_key="ls-key"))
    (place,) = destinations(langsmith)
    assert place.url == "https://api.smith.langchain.com/otel/v1/traces"
    assert place.headers == {"x-api-key": "ls-key", "Langsmith-Project": "sales-agent"}


def test_headers_that_cannot_be_read_are_said_and_not_shown() -> None:
    telemetry = TelemetrySettings(otlp_endpoint="http://127.0.0.1:4318", otlp_headers="a=b%20c, d=e")
    assert destinations(Settings(telemetry=telemetry))[0].headers == {"a": "b c", "d": "e"}
    broken = TelemetrySettings(otlp_endpoint="http://127.0.0.1:4318", otlp_headers="just-a-secret")
    with pytest.raises(StartError) as caught:
        destinations(Settings(telemetry=broken))
    assert "just-a-secret" not in str(caught.value)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[str, list[tuple[str, ExportTraceServiceRequest]]]]:
    """An OTLP receiver: its address, and what came with which key."""
    received: list[tuple[str, ExportTraceServiceRequest]] = []

    async def take(request: web.Request) -> web.Response:
        body = ExportTraceServiceRequest()
        body.ParseFromString(await request.read())
        received.append((request.headers.get("api-key", ""), body))
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", received
    await runner.cleanup()


async def test_a_servers_turns_arrive_at_the_collector(dsn: str, tmp_path: Path, receiver: Any) -> None:
    url, received = receiver
    settings = Settings(
        process=ProcessSettings(api_key=KEY, data_dir=tmp_path, database_url=dsn, database_connections=4),
        telemetry=TelemetrySettings(otlp_endpoint=url, otlp_headers="api-key=s3cret", service_name="agents-of-ours"),
    )
    async with serving(settings, scripted_engines(answer=lambda _: "Fifty dollars.")) as server:
        await _type(server, "What does it cost?")
    # The server stops by sending what waits.
    async with asyncio.timeout(5):
        while not received:
            await asyncio.sleep(0.02)
    key, body = received[0]
    assert key == "s3cret"
    (resource,) = body.resource_spans
    assert "agents-of-ours" in str(resource.resource)
    names = [span.name for scope in resource.scope_spans for span in scope.spans]
    assert names == ["chat fake", "invoke_agent sales-agent"]
    assert "does it cost" not in str(body)
    assert "Fifty" not in str(body)


async def _type(server: Server, text: str) -> None:
    async with server.realtime() as connection:
        content = [{"type": "input_text", "text": text}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.response.create(response={"output_modalities": ["text"]})
        await until(connection, "response.done")


def test_who_answered_in_the_end_is_named() -> None:
    """The gateway behind a rung chooses, and may choose again."""
    spans, exporter = traced(with_content=False)
    response = act.Response(id="resp_1", status="completed", modality="text", usage=Usage(1, 1, 0))
    spans.saw(facts.Tick(), [act.StartModel(1, 0, REQUEST)], 100.0)
    for model in ("cerebras/llama3.1-8b", "openai/gpt-5.2-mini"):
        spans.saw(facts.ModelServing(1, model), [], 110.0)
    spans.saw(facts.ModelFinished(1, "stop", Usage(1, 1, 0)), [act.ResponseDone(response)], 200.0)
    (call,) = [span for span in exporter.get_finished_spans() if span.name.startswith("chat")]
    assert call.name == "chat gpt-5.2-mini"
    assert (call.attributes or {})["gen_ai.provider.name"] == "openai"

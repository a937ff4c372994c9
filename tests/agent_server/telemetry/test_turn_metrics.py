"""Figures of turns: from the core's own moments, labelled by provider and outcome."""

from live_server import StartServer, say, speech, until
from prometheus_client import REGISTRY
from scripted_engines import scripted_engines

from agent_server.telemetry.providers import ProviderNames
from agent_server.telemetry.turn_metrics import TurnMetrics
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.llm.port import ChatRequest

NAMES = ProviderNames(("ears",), ("fast", "slow"), ("mouth", "spare"))


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def timings(**changed: object) -> act.TurnTimings:
    moments = {
        "item_id": "item_1",
        "speech_end_ms": 1000.0,
        "turn_end_ms": 1350.0,
        "transcript_ms": 1200.0,
        "model_start_ms": 1200.0,
        "first_token_ms": 1360.0,
        "first_audio_ms": 1420.0,
        "sent_ms": 3000.0,
        "response_latency_ms": 430.0,
        "speculated": True,
        "interrupted": False,
        "model_rung": 0,
        "voice_rung": 0,
    }
    return act.TurnTimings(**(moments | changed))  # type: ignore[arg-type]


def done(status: act.ResponseStatus, reason: act.EndReason | None = None) -> act.ResponseDone:
    return act.ResponseDone(act.Response(id="resp_1", status=status, modality="audio", reason=reason))


def test_the_stages_of_a_turn_carry_provider_and_outcome() -> None:
    metrics = TurnMetrics(NAMES, "stages")
    before = value("sales_agent_turn_stage_seconds_sum", stage="first_token", provider="slow", outcome="completed")
    metrics.saw(facts.Tick(), [done("completed"), timings(model_rung=1)], 3000.0)
    after = value("sales_agent_turn_stage_seconds_sum", stage="first_token", provider="slow", outcome="completed")
    assert round(after - before, 6) == 0.16
    latency = {"channel": "stages", "modality": "audio", "outcome": "completed"}
    assert value("sales_agent_response_latency_seconds_sum", **latency) == 0.43
    assert value("sales_agent_turns_total", channel="stages", outcome="completed", speculated="true") == 1
    assert value("sales_agent_fallbacks_total", kind="model", provider="slow") >= 1


def test_an_interruption_is_told_from_a_false_alarm() -> None:
    metrics = TurnMetrics(NAMES, "barge-in")
    stops = value("sales_agent_barge_in_seconds_sum")
    real = value("sales_agent_interruptions_total", verdict="interruption")
    false = value("sales_agent_interruptions_total", verdict="false_alarm")
    window = facts.VoiceWindow(0.9, 5000.0, 4990.0, 5100.0)
    metrics.saw(window, [act.PausePlayback("item_1")], 5105.0)
    metrics.saw(facts.Tick(), [act.ResumePlayback("item_1")], 5305.0)
    metrics.saw(window, [act.PausePlayback("item_1")], 5105.0)
    metrics.saw(facts.Heard(1, "stop"), [done("cancelled", "turn_detected"), timings(interrupted=True)], 5500.0)
    assert round(value("sales_agent_barge_in_seconds_sum") - stops, 4) == 2 * 0.037
    assert value("sales_agent_interruptions_total", verdict="interruption") - real == 1
    assert value("sales_agent_interruptions_total", verdict="false_alarm") - false == 1
    assert value("sales_agent_turns_total", channel="barge-in", outcome="interrupted", speculated="true") == 1


def test_a_dropped_speculation_is_not_a_failover() -> None:
    metrics = TurnMetrics(NAMES, "speculation")
    begin = [act.StartModel(1, 0, ChatRequest(()))]
    dropped = value("sales_agent_speculations_discarded_total", provider="fast")
    failed = value("sales_agent_provider_failures_total", kind="model", provider="fast", code="model_timeout")
    metrics.saw(facts.Tick(), begin, 0.0)
    metrics.saw(facts.RecognizerResumed(1), [act.StopModel(1)], 10.0)
    assert value("sales_agent_speculations_discarded_total", provider="fast") - dropped == 1
    metrics.saw(facts.Tick(), begin, 20.0)
    next_rung = [act.StopModel(1), act.StartModel(2, 1, ChatRequest(()))]
    metrics.saw(facts.Tick(), next_rung, 30.0)
    metrics.saw(facts.Tick(), begin, 40.0)
    metrics.saw(facts.ModelFailed(1, "model_timeout", ""), next_rung, 50.0)
    assert value("sales_agent_speculations_discarded_total", provider="fast") - dropped == 1
    failures = value("sales_agent_provider_failures_total", kind="model", provider="fast", code="model_timeout")
    assert failures - failed == 1


def test_a_phrase_from_memory_is_counted_for_its_voice() -> None:
    metrics = TurnMetrics(NAMES, "kept")
    before = value("sales_agent_kept_phrases_total", provider="mouth")
    metrics.saw(facts.ResponseCreate(), [act.OpenVoice(1, 0, None, 1.0, repeated=True)], 0.0)
    metrics.saw(facts.VoiceFinished(1), [], 10.0)
    assert value("sales_agent_kept_phrases_total", provider="mouth") == before
    metrics.saw(facts.VoiceFinished(1, kept=True), [], 10.0)
    assert value("sales_agent_kept_phrases_total", provider="mouth") - before == 1


async def test_a_spoken_turn_is_on_the_servers_metrics(start_live: StartServer) -> None:
    server = await start_live(scripted_engines(answer=lambda _: "Fifty dollars."))
    labels = {"channel": "websocket", "modality": "audio", "outcome": "completed"}
    before = value("sales_agent_response_latency_seconds_count", **labels)
    sum_before = value("sales_agent_response_latency_seconds_sum", **labels)
    async with server.realtime() as connection:
        await say(connection, speech())
        (*_, timed) = await until(connection, "sales_agent.turn.timings")
    assert value("sales_agent_response_latency_seconds_count", **labels) == before + 1
    took_s = value("sales_agent_response_latency_seconds_sum", **labels) - sum_before
    assert round(took_s * 1000, 1) == timed.response_latency_ms
    assert value("sales_agent_turn_stage_seconds_count", stage="end_of_turn", provider="fake", outcome="completed") >= 1

"""Who watches a conversation: figures always, traces when they are on."""

from collections.abc import Callable

from agent_server.telemetry.providers import ProviderNames
from agent_server.telemetry.tracing import Tracing
from agent_server.telemetry.turn_metrics import TurnMetrics
from pipelines.conversation.rim.ports import Engines, Observer

Watch = Callable[[str, str], tuple[Observer, ...]]
"""The observers of one conversation, from its id and its channel."""


def watch_nothing(_conversation_id: str, _channel: str) -> tuple[Observer, ...]:
    return ()


def watching(engines: Engines, tracing: Tracing | None) -> Watch:
    names = ProviderNames.of(engines)
    if tracing is None:
        return lambda _id, channel: (TurnMetrics(names, channel),)
    from agent_server.telemetry.turn_spans import TurnSpans  # noqa: PLC0415 - OpenTelemetry, when it is on

    def watch(conversation_id: str, channel: str) -> tuple[Observer, ...]:
        spans = TurnSpans(
            tracing.tracer,
            names,
            conversation_id=conversation_id,
            channel=channel,
            with_content=tracing.with_content,
        )
        return TurnMetrics(names, channel), spans

    return watch

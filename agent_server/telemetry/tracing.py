"""Starts OpenTelemetry when an address for traces is set, LangSmith's among them. Imports its SDK only then."""

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec import Struct

from agent_server.parts import Parts, StartError
from agent_server.settings import ModelSettings, Settings
from pipelines.loading import loaded

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

EXPORT_TIMEOUT_S = 5.0
SHUTDOWN_TIMEOUT_MS = 3000
QUEUE_SPANS = 4096
"""Spans waiting to be sent; when nobody takes them, later ones are dropped and the conversations never notice."""


class Destination(Struct, frozen=True):
    """Where traces go: the address of OTLP's traces, and headers, which may hold a key."""

    url: str
    headers: dict[str, str]


class Tracing:
    """The tracer of a process, and its end."""

    def __init__(self, provider: "TracerProvider", *, with_content: bool) -> None:
        self._provider = provider
        self.tracer: Tracer = provider.get_tracer("sales-agent")
        self.with_content = with_content

    async def aclose(self) -> None:
        """Send what waits, for a while."""
        await asyncio.to_thread(self._provider.force_flush, SHUTDOWN_TIMEOUT_MS)
        await asyncio.to_thread(self._provider.shutdown)


def destinations(settings: Settings) -> list[Destination]:
    """Every address that traces are to be sent to; none: tracing is off. Raises StartError."""
    telemetry, models = settings.telemetry, settings.models
    found = []
    if telemetry.otlp_endpoint is not None:
        found.append(Destination(f"{telemetry.otlp_endpoint}/v1/traces", _headers(telemetry.otlp_headers or "")))
    if models.langsmith_tracing and models.langsmith_api_key:
        headers = {"x-api-key": models.langsmith_api_key, "Langsmith-Project": models.langsmith_project}
        found.append(Destination(f"{models.langsmith_endpoint}/otel/v1/traces", headers))
    return found


async def start_tracing(settings: Settings, parts: Parts) -> Tracing | None:
    """None when it is not configured. Raises StartError when it is and the packages for it are missing."""
    wanted = destinations(settings)
    if not wanted:
        return None
    _let_graphs_trace(settings.models, with_content=settings.telemetry.capture_content)
    try:
        provider = await parts.start("tracing", lambda: loaded(partial(_provider, settings, wanted)))
    except ImportError as error:
        message = f"Traces need the package {error.name}: pip install 'sales-agent[tracing]'."
        raise StartError("tracing_unavailable", message) from error
    tracing = Tracing(provider, with_content=settings.telemetry.capture_content)
    parts.on_stop("tracing", tracing.aclose)
    return tracing


def _provider(settings: Settings, wanted: list[Destination]) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - 200 ms
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415

    provider = TracerProvider(
        resource=Resource.create({"service.name": settings.telemetry.service_name}),
        sampler=ParentBased(TraceIdRatioBased(settings.telemetry.sample_ratio)),
        shutdown_on_exit=False,
    )
    for place in wanted:
        exporter = OTLPSpanExporter(endpoint=place.url, headers=place.headers, timeout=EXPORT_TIMEOUT_S)
        provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=QUEUE_SPANS))
    return provider


def _let_graphs_trace(models: ModelSettings, *, with_content: bool) -> None:
    """LangGraph's tracer reads the environment, where ``.env`` is not. What people say stays here unless allowed."""
    if not models.langsmith_tracing or not models.langsmith_api_key:
        return
    hide = str(not with_content).lower()
    os.environ.update(
        LANGSMITH_TRACING="true",
        LANGSMITH_API_KEY=models.langsmith_api_key,
        LANGSMITH_ENDPOINT=models.langsmith_endpoint,
        LANGSMITH_PROJECT=models.langsmith_project,
        LANGSMITH_HIDE_INPUTS=hide,
        LANGSMITH_HIDE_OUTPUTS=hide,
    )


def _headers(text: str) -> dict[str, str]:
    """``name=value,name=value``, values percent-encoded, as the specification of OpenTelemetry has it."""
    headers = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = entry.partition("=")
        if not equals or not name.strip():
            raise StartError("tracing_misconfigured", "OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value.")
        headers[name.strip().lower()] = unquote(value.strip())
    return headers

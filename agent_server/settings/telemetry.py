"""Settings of traces. Their names are OpenTelemetry's own; without an address none are made."""

from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import BaseUrl, Group, setting


class TelemetrySettings(Group, frozen=True, kw_only=True):
    otlp_endpoint: Annotated[
        BaseUrl | None,
        setting("OTEL_EXPORTER_OTLP_ENDPOINT", "Where traces go (OTLP over HTTP), such as http://127.0.0.1:4318"),
    ] = None
    otlp_headers: Annotated[
        str | None,
        setting("OTEL_EXPORTER_OTLP_HEADERS", "Headers for that address: name=value, separated by commas", secret=True),
    ] = None
    service_name: Annotated[str, setting("OTEL_SERVICE_NAME", "Name of this service in traces")] = "sales-agent"
    sample_ratio: Annotated[
        Annotated[float, Meta(ge=0, le=1)], setting("OTEL_TRACES_SAMPLER_ARG", "Share of the turns that are traced")
    ] = 1.0
    capture_content: Annotated[
        bool,
        setting(
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "Put what callers and the agent say into traces, those of LangSmith among them",
        ),
    ] = False

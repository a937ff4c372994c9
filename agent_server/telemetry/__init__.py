"""Figures and traces of conversations: Prometheus always, OpenTelemetry and LangSmith when they are configured."""

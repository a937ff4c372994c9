"""The dashboard asks for figures that there are."""

import json
import re
from pathlib import Path

from prometheus_client import REGISTRY

from agent_server import app, assembly  # noqa: F401 - they define the figures
from agent_server.telemetry import metrics  # noqa: F401 - they define the figures

MONITORING = Path(__file__).parents[1] / "monitoring"
_NAME = re.compile(r"sales_agent_\w+")


def test_every_figure_of_the_dashboard_and_the_alerts_is_served() -> None:
    served = set(REGISTRY._names_to_collectors)
    wanted = {name for text in _expressions() for name in _NAME.findall(text)}
    assert len(wanted) > 15
    assert wanted <= served, wanted - served


def test_every_label_they_go_by_is_one_of_the_figure() -> None:
    for expression in _expressions():
        figures = [REGISTRY._names_to_collectors[name] for name in _NAME.findall(expression)]
        labels = {label for figure in figures for label in getattr(figure, "_labelnames", ())} | {"le"}
        chosen = set(re.findall(r"[{,](\w+)[=!]", expression))
        kept = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")}
        assert not figures or chosen | kept <= labels, expression


def test_prometheus_loads_the_alerts() -> None:
    (loaded,) = re.findall(
        r"^rule_files: \[(.+)\]$", (MONITORING / "prometheus.yml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert (MONITORING / loaded).is_file()


def _expressions() -> list[str]:
    dashboard = json.loads((MONITORING / "grafana.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return asked + re.findall(r"expr: (.+)", (MONITORING / "alerts.yml").read_text(encoding="utf-8"))

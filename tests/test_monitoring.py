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
    dashboard = json.loads((MONITORING / "grafana.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked.append((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
    served = set(REGISTRY._names_to_collectors)
    wanted = {name for text in asked for name in _NAME.findall(text)}
    assert len(wanted) > 15
    assert wanted <= served, wanted - served

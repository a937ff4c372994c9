"""``compose.yaml``: what holds for every service, as far as can be seen without starting one."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
IMAGE_CHECKED = {"server"}
"""Its health check is the image's."""


def test_the_services_are_those_of_production() -> None:
    assert set(SERVICES) == {"server", "worker", "postgres", "valkey"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_bounded_and_started_again(name: str) -> None:
    service = SERVICES[name]
    assert name in IMAGE_CHECKED or service["healthcheck"].keys() & {"test", "disable"}
    assert {"mem_limit", "pids_limit"} <= service.keys()
    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_the_image_checks_the_server() -> None:
    dockerfile = (Path(__file__).parents[1] / "Dockerfile").read_text()
    assert re.search(r"^HEALTHCHECK .*--timeout=", dockerfile, re.MULTILINE)


def test_only_the_server_is_published_and_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"server": ["${PUBLISHED_ADDRESS:-127.0.0.1}:${PUBLISHED_PORT:-8080}:8080"]}
    assert COMPOSE["networks"]["backend"]["internal"]


def test_it_holds_no_secret() -> None:
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if re.search(r"PASSWORD|KEY|AUTH|SECRET", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:-\}", str(value)), name
            assert not re.search(r"://[^/@:]*:[^$@][^@]*@", str(value)), name


def test_services_of_ours_run_with_as_little_as_they_can() -> None:
    for name in ("server", "worker"):
        service = SERVICES[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert {need["condition"] for need in service["depends_on"].values()} == {"service_healthy"}

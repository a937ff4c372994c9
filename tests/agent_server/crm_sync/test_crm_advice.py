"""What a person is told to do about a CRM's failure names settings and doors that are there."""

import re

import pytest

from agent_server.api.registry import routes
from agent_server.settings import Settings
from agent_server.settings.listing import list_settings
from crm.advice import told

MET = [
    *((platform, "credentials_refused") for platform in ("close", "apollo", "linkedin")),
    *((platform, "not_connected") for platform in ("close", "apollo", "linkedin")),
    *((platform, "provider_unreachable") for platform in ("close", "apollo", "linkedin")),
    ("close", "unexpected_redirect"),
    ("apollo", "credential_unreadable"),
    ("linkedin", "reauthorization_required"),
    ("linkedin", "client_refused"),
]


@pytest.mark.parametrize(("platform", "code"), MET)
def test_what_is_named_is_there(platform: str, code: str) -> None:
    words = told(platform, code)
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", words))
    assert named <= {line.name for line in list_settings(Settings())}
    doors = {(route.method, re.sub(r"{platform}", platform, route.path)) for route in routes()}
    asked = re.search(r"(PUT|POST) (/[a-z/-]+)", words)
    assert asked is None or asked.groups() in doors
    assert named or asked is not None
    assert words.startswith(f"{code}, ")


def test_a_code_that_says_it_all_stands_alone() -> None:
    assert told("close", "record_refused") == "record_refused"

"""Every kind of error has its status and code, and none of them talks."""

from typing import Annotated

import msgspec
import pytest
from aiohttp import web
from msgspec import Meta, Struct

from agent_server.realtime.errors import ProtocolError
from agent_server.web.errors import Problem
from agent_server.web.problems import invalid_input, problem_of
from pipelines.engines.errors import EngineError
from pipelines.llm.port import LlmError
from pipelines.stt.port import SttError
from pipelines.tts.port import TtsError
from storage.errors import InvalidCursor, InvalidData, StorageError


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Problem(418, "teapot", "x"), 418, "teapot"),
        (ProtocolError("invalid_value", "x", param="session.tools"), 400, "invalid_value"),
        (StorageError("database_unavailable", "x", retryable=True), 503, "database_unavailable"),
        (StorageError("database_auth_failed", "x"), 503, "database_auth_failed"),
        (StorageError("invalid_limit", "x"), 400, "invalid_limit"),
        (InvalidCursor(), 400, "invalid_cursor"),
        (InvalidData("already_exists", "x"), 409, "already_exists"),
        (InvalidData("invalid_data", "x"), 400, "invalid_data"),
        (SttError("stt_down", "x", retryable=True), 503, "stt_down"),
        (TtsError("tts_refused", "x", retryable=False), 502, "tts_refused"),
        (LlmError("llm_timeout", "x", retryable=True), 503, "llm_timeout"),
        (EngineError("engine_lost", "x", retryable=True), 503, "engine_lost"),
        (web.HTTPNotFound(), 404, "not_found"),
        (web.HTTPMethodNotAllowed("PUT", ["GET", "POST"]), 405, "method_not_allowed"),
        (web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2), 413, "body_too_large"),
        (web.HTTPInternalServerError(), 500, "internal_error"),
    ],
)
def test_what_a_client_is_told(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)
    assert problem is not None
    assert (problem.status, problem.code) == (status, code)
    assert problem.message
    assert (problem.type == "server_error") == (status >= 500)


def test_what_nobody_expected_has_no_place_in_the_table() -> None:
    assert problem_of(RuntimeError("x")) is None


@pytest.mark.parametrize("kind", [SttError, TtsError, LlmError])
def test_providers_are_not_quoted(kind: type[Exception]) -> None:
    problem = problem_of(kind("code", "caller said: my card is 4111", retryable=True))  # type: ignore[call-arg]
    assert problem is not None
    assert "4111" not in problem.message


def test_what_may_work_later_says_when() -> None:
    problem = problem_of(StorageError("database_busy", "x", retryable=True))
    assert problem is not None
    assert problem.response_headers() == {"Retry-After": "2"}


def test_a_wrong_method_names_the_right_ones() -> None:
    problem = problem_of(web.HTTPMethodNotAllowed("PUT", ["POST", "GET"]))
    assert problem is not None
    assert problem.response_headers() == {"Allow": "GET, POST"}


def test_seconds_to_wait_are_rounded_up() -> None:
    assert Problem(503, "x", "x", retry_after_s=0.2).response_headers() == {"Retry-After": "1"}
    assert Problem(503, "x", "x", retry_after_s=2.1).response_headers() == {"Retry-After": "3"}


class Inner(Struct, forbid_unknown_fields=True):
    seconds: Annotated[int, Meta(ge=10)]


class Outer(Struct, forbid_unknown_fields=True):
    inner: Inner
    names: list[str] = []


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"{}", "missing_required_parameter", "inner"),
        (b'{"inner": {}}', "missing_required_parameter", "inner.seconds"),
        (b'{"inner": {"seconds": "x"}}', "invalid_value", "inner.seconds"),
        (b'{"inner": {"seconds": 9}}', "invalid_value", "inner.seconds"),
        (b'{"inner": {"seconds": 10}, "names": ["a", 1]}', "invalid_value", "names[1]"),
        (b'{"inner": {"seconds": 10}, "other": 1}', "unknown_parameter", "other"),
        (b'{"inner": {"seconds": 10, "other": 1}}', "unknown_parameter", "inner.other"),
        (b"[]", "invalid_value", None),
    ],
)
def test_a_wrong_body_names_the_field(body: bytes, code: str, param: str | None) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.json.decode(body, type=Outer)
    problem = invalid_input(error.value)
    assert (problem.status, problem.code, problem.param) == (400, code, param)

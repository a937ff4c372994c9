"""Log lines are one line each, whatever is in them."""

import logging

import msgspec
import pytest

from agent_server.telemetry.logging import (
    JsonFormatter,
    TextFormatter,
    _add_request_id,
    _without_known_stack,
    configure_logging,
    request_id,
)
from storage.errors import StorageError


def record(message: str, *args: object, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("agent_server.test", level, __file__, 1, message, args, None)
    made.created, made.msecs = 1_896_091_200.123, 123.0
    made.fields = fields
    return made


def test_a_line_for_people() -> None:
    line = TextFormatter().format(record("started in %.1f s", 1.25, part="the voice", ms=3))
    assert line == '2030-01-31T12:00:00.123Z info agent_server.test: started in 1.2 s part="the voice" ms=3'


def test_a_line_for_machines() -> None:
    line = JsonFormatter().format(record("draining", level=logging.WARNING, conversations=3))
    assert msgspec.json.decode(line) == {
        "time": "2030-01-31T12:00:00.123Z",
        "level": "warning",
        "logger": "agent_server.test",
        "message": "draining",
        "conversations": 3,
    }


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_nobody_forges_a_line(formatter: logging.Formatter) -> None:
    line = formatter.format(record("%s", "GET /\n2030 error forged\r\x1b[31m", name="a\nb"))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_lines_of_a_request_carry_its_id() -> None:
    token = request_id.set("trace-7")
    try:
        made = record("x")
        _add_request_id(made)
    finally:
        request_id.reset(token)
    assert "request_id=trace-7" in TextFormatter().format(made)
    assert msgspec.json.decode(JsonFormatter().format(made))["request_id"] == "trace-7"


def stacks_of(error: BaseException) -> list[str]:
    """As text and as JSON have it."""
    made = record("failed")
    made.exc_info = (type(error), error, error.__traceback__)
    return [TextFormatter().format(made), msgspec.json.decode(JsonFormatter().format(made))["stack"]]


def failing(words: str) -> BaseException:
    """An error that a library makes of what somebody said, and ours that follows from it."""
    try:
        try:
            raise ExceptionGroup(words, [ValueError(words)])
        except ExceptionGroup as error:
            raise KeyError(words) from error
    except KeyError as error:
        return error


def test_a_stack_has_kinds_and_places_and_an_error_s_own_words_for_debugging_alone() -> None:
    """They may quote what a customer said."""
    error, root = failing("my card is 4711"), logging.getLogger()
    before = root.level
    try:
        for level in (logging.INFO, logging.DEBUG):
            root.setLevel(level)
            for stack in stacks_of(error):
                assert all(kind in stack for kind in ("ValueError", "ExceptionGroup", "KeyError", "in failing"))
                assert ("4711" in stack) == (level == logging.DEBUG)
    finally:
        root.setLevel(before)


def test_words_of_the_system_and_codes_of_ours_are_nobody_s() -> None:
    for error, told in ((OSError(28, "No space left"), "No space left"), (StorageError("lost", "4711"), "lost")):
        for stack in stacks_of(error):
            assert told in stack
            assert "4711" not in stack


@pytest.mark.parametrize(("level", "expected"), [("debug", logging.WARNING), ("error", logging.ERROR)])
def test_libraries_are_quieter_than_we_are(level: str, expected: int) -> None:
    root = logging.getLogger()
    before, before_level = root.handlers[:], root.level
    try:
        configure_logging(level, "json")
        assert root.level == getattr(logging, level.upper())
        assert logging.getLogger("asyncio").level == expected
        assert logging.getLogger("stamina").level == logging.ERROR
        assert len(root.handlers) == 1
    finally:
        root.handlers[:], root.level = before, before_level
        for name in ("aiohttp.access", "asyncio", "websockets", "stamina"):
            logging.getLogger(name).setLevel(logging.NOTSET)


def test_of_a_lost_database_libraries_give_no_stack() -> None:
    for error, keeps in ((StorageError("database_unavailable", "away"), False), (KeyError("ours"), True)):
        told = logging.LogRecord("procrastinate.worker", logging.ERROR, __file__, 1, "failed", (), None)
        told.exc_info = (type(error), error, None)
        assert _without_known_stack(told)
        assert (told.exc_info is not None) == keeps

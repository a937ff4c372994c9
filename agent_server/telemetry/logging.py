"""How log lines look: text for people, JSON for machines; one line an event, with its request's id.

Whoever logs passes facts as ``extra={"fields": {...}}``. Customers' words and keys are never among them.
"""

import logging
import sys
import time
import traceback
from contextvars import ContextVar
from typing import Any

import msgspec

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_LOUD = ("aiohttp.access", "asyncio", "websockets", "httpx", "httpx2", "openai", "anthropic", "procrastinate")
_POOLS = ("asyncpg.pool", "psycopg.pool")
_RETRIES = ("stamina",)
_QUIET = dict.fromkeys(_LOUD, logging.WARNING) | dict.fromkeys((*_POOLS, *_RETRIES), logging.ERROR)
"""Libraries that tell of every request, job or attempt, or again and again of a database that whoever uses it tells of
too."""
_OUTAGE = frozenset({"ConnectorException", "StorageError", "PostgresError", "OSError"})
"""Errors, by their classes' names, whose kind says all of it: the database is away."""


def configure_logging(level: str, form: str) -> None:
    """Send all log lines to standard error. To be called once, before anything is logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    handler.addFilter(_add_request_id)
    handler.addFilter(_without_known_stack)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))


class _Formatter(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's
        """An error's own words may quote a customer, whoever wrote them: the level ``debug`` alone has them."""
        return super().formatException(ei) if logging.getLogger().isEnabledFor(logging.DEBUG) else _stack(ei[1])


def _stack(error: BaseException) -> str:
    """The last first: places and kinds; what the system says, and the codes of our own errors."""
    told = error if isinstance(error, OSError) else getattr(error, "code", None)
    kind = type(error).__name__ if told is None else f"{type(error).__name__}: {told}"
    parts = [*traceback.format_tb(error.__traceback__), kind]
    if isinstance(error, BaseExceptionGroup):
        parts += [f"\none of these:\n{_stack(inner)}" for inner in error.exceptions]
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(parts) + (f"\nafter:\n{_stack(before)}" if before is not None else "")


class TextFormatter(_Formatter):
    """``2030-01-31T12:00:00.123Z info agent_server.http: message key=value``."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_shown(value)}" for name, value in _fields(record).items())
        line = f"{_time(record)} {record.levelname.lower()} {record.name}: {_one_line(record.getMessage())}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(_Formatter):
    """One JSON object a line; an exception's stack is the field ``stack``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = getattr(record, "request_id", None) or request_id.get()
    return True


def _without_known_stack(record: logging.LogRecord) -> bool:
    """Libraries give the whole stack, again and again, of a connection that is lost."""
    error = record.exc_info[1] if record.exc_info else None
    from_library = record.name.startswith(("procrastinate", "asyncpg"))
    if from_library and error is not None and _OUTAGE & {kind.__name__ for kind in type(error).__mro__}:
        record.exc_info = None
    return True


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = dict(getattr(record, "fields", {}))
    if identity := getattr(record, "request_id", None):
        fields.setdefault("request_id", identity)
    return fields


def _time(record: logging.LogRecord) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z"


def _shown(value: object) -> str:
    text = _one_line(str(value))
    return f'"{text}"' if " " in text else text


def _one_line(text: str) -> str:
    """Nobody forges a line of the log by what they send."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)

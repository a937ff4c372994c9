"""The one table from what the packages raise to what clients are told. Pure.

Whatever is not in it is a bug of ours: 500, logged, and nothing of it shown.
"""

import re
from http import HTTPStatus

import msgspec
from aiohttp import web

from agent_server.realtime.errors import ProtocolError
from agent_server.web.errors import Problem
from crm.sync.editing import UnfitValue
from pipelines.agents.errors import AgentError
from pipelines.engines.errors import EngineError
from pipelines.llm.port import LlmError
from pipelines.stt.port import SttError
from pipelines.tts.port import TtsError
from storage.errors import InvalidCursor, InvalidData, StorageError

RETRY_AFTER_S = 2.0
"""When what is missing comes back within moments: a database or helper process that starts again."""

_PATH = re.compile(r" - at `(?:key in )?\$([^`]*)`$")
_MISSING = re.compile(r"missing required field `(\w+)`")
_UNKNOWN = re.compile(r"unknown field `(\w+)`")
_STORAGE_STATUS = {
    "already_exists": 409,
    "knowledge_title_taken": 409,
    "knowledge_full": 409,
    "document_known": 409,
    "documents_full": 409,
    "campaign_state": 409,
    "answer_changed": 409,
    "answers_full": 409,
    "agent_profile_taken": 409,
    "agent_profile_changed": 409,
    "agent_profiles_full": 409,
    "agent_number_taken": 409,
    "agent_profile_in_use": 409,
    "default_agent_profile": 409,
    "call_list_state": 409,
    "same_number": 409,
    "missing_reference": 422,
    "invalid_limit": 400,
    "invalid_ttl": 400,
}
_STORAGE_PARAM = {
    "invalid_limit": "limit",
    "invalid_cursor": "cursor",
    "knowledge_title_taken": "title",
    "answer_changed": "answers",
    "answers_full": "answers",
    "agent_profile_taken": "slug",
    "agent_profile_changed": "version",
    "agent_number_taken": "numbers",
}

_AGENT_STATUS = {
    "unknown_agent": 404,
    "lead_not_found": 404,
    "thread_not_found": 404,
    "stream_not_found": 404,
    "thread_busy": 409,
    "thread_of_other_agent": 409,
    "nothing_to_resume": 409,
    "not_running": 409,
    "agent_unavailable": 503,
    "agents_busy": 503,
}


def problem_of(error: BaseException) -> Problem | None:
    """How a client is told of an error; None for what nobody expected."""
    match error:
        case Problem():
            return error
        case ProtocolError():
            return Problem(400, error.code, error.message, param=error.param)
        case UnfitValue():
            return Problem(400, "invalid_value", str(error), param=error.field)
        case StorageError():
            return _storage_problem(error)
        case AgentError():
            wait_s = RETRY_AFTER_S if error.retryable else None
            status = _AGENT_STATUS.get(error.code, 400)
            return Problem(status, error.code, str(error), param=error.param, retry_after_s=wait_s)
        case SttError() | TtsError() | LlmError() | EngineError():
            status, wait_s = (503, RETRY_AFTER_S) if error.retryable else (502, None)
            return Problem(status, error.code, _FAILED[type(error)], retry_after_s=wait_s)
        case web.HTTPException():
            return _http_problem(error)
        case _:
            return None


_FAILED: dict[type[Exception], str] = {
    SttError: "Speech recognition failed.",
    TtsError: "The voice failed.",
    LlmError: "The language model failed.",
    EngineError: "A speech engine is not available.",
}
"""Providers' own words may quote what a customer said; the code says enough."""


def invalid_input(error: msgspec.ValidationError, root: str = "") -> Problem:
    """400 for a body or query that has not the right form; ``param`` is the path of the field at fault."""
    message = str(error)
    found = _PATH.search(message)
    path = (root + (found.group(1) if found else "")).lstrip(".")
    for pattern, code, words in (
        (_MISSING, "missing_required_parameter", "is required"),
        (_UNKNOWN, "unknown_parameter", "is not known here"),
    ):
        if name := pattern.search(message):
            param = f"{path}.{name.group(1)}" if path else name.group(1)
            return Problem(400, code, f"'{param}' {words}.", param=param)
    text = _PATH.sub("", message)
    return Problem(400, "invalid_value", f"{text} in '{path}'." if path else f"{text}.", param=path or None)


def _storage_problem(error: StorageError) -> Problem:
    if error.retryable:
        return Problem(503, error.code, str(error), retry_after_s=RETRY_AFTER_S)
    param = _STORAGE_PARAM.get(error.code)
    if error.code in _STORAGE_STATUS:
        return Problem(_STORAGE_STATUS[error.code], error.code, str(error), param=param)
    if isinstance(error, InvalidCursor | InvalidData):
        return Problem(400, error.code, str(error), param=param)
    # Wrong password, missing tables: the operator's to mend, and not the client's to read about.
    return Problem(503, error.code, "The database cannot be used; the operator has to look at it.")


_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    411: "length_required",
    413: "body_too_large",
    415: "unsupported_media_type",
    417: "expectation_failed",
    426: "upgrade_required",
    429: "rate_limit_exceeded",
}
_HTTP_WORDS = {
    404: "There is nothing at this address.",
    413: "The body is larger than this address takes.",
}


def _http_problem(error: web.HTTPException) -> Problem:
    status = error.status
    code = _HTTP_CODES.get(status, "internal_error" if status >= 500 else "bad_request")
    headers: dict[str, str] = {}
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        message = f"This address takes {allowed}." if allowed else "This address takes no such method."
        headers["Allow"] = allowed
    else:
        message = _HTTP_WORDS.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
    return Problem(status, code, message, headers=headers)

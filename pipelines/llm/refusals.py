"""What a provider's refusals and breakdowns mean to us: one table from HTTP status to LlmError. Pure.

Messages name the provider, the status and the provider's own code. Its wording stays out: it may quote what the caller
said.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipelines.llm.port import LlmError

_CODES = {
    400: "llm_bad_request",
    401: "llm_unauthorized",
    402: "llm_payment_required",
    403: "llm_forbidden",
    404: "llm_not_found",
    408: "llm_timeout",
    413: "llm_too_large",
    422: "llm_bad_request",
    429: "llm_rate_limited",
    503: "llm_overloaded",
    529: "llm_overloaded",
}
_OTHERWISE = (
    (429, "code", re.compile("insufficient_quota"), 402),
    (400, "message", re.compile("Your credit balance is too low.*"), 402),
    (400, "message", re.compile("You have reached your specified API usage limits.*"), 402),
    (400, "message", re.compile(r"Model Not Exist|\S+ is not a valid model ID"), 404),
)
"""That an account is empty or a model gone, said under another status: OpenAI, Anthropic, DeepSeek, OpenRouter."""

_FLAGGED = frozenset({"flagged_input", "patterns"})
_RETRYABLE = frozenset({408, 409, 425, 429})
_SPOKEN_CODE = re.compile(r"[\w.:-]{1,64}")
_OVERLOADED = ("overload", "rate_limit", "insufficient", "quota", "queue_exceeded", "too_many", "429", "503", "529")


def refusal(provider: str, status: int, body: object, headers: Mapping[str, str], now: datetime) -> LlmError:
    """An answer other than success. ``body``: the decoded JSON, or anything."""
    told = provider_code(body)
    message = f"{provider} answered {status}" + (f" ({told})" if told else "")
    status = _meant(status, body)
    code = _CODES.get(status, "llm_provider_error" if status >= 500 else "llm_bad_request")
    retryable = status in _RETRYABLE or status >= 500
    return LlmError(code, message, retryable=retryable, retry_after_s=retry_after_s(headers, now))


def _meant(status: int, body: object) -> int:
    inner = body.get("error") if isinstance(body, Mapping) else None
    said = inner if isinstance(inner, Mapping) else body
    if isinstance(said, Mapping):
        for given, name, words, meant in _OTHERWISE:
            if status == given and words.fullmatch(str(said.get(name))):
                return meant
        # OpenRouter refuses so what a caller said; the key and the model serve everybody else.
        if status == 403 and isinstance(about := said.get("metadata"), Mapping) and _FLAGGED & about.keys():
            return 400
    return status


def stream_error(provider: str, error: object) -> LlmError:
    """An error that the provider put into a stream it had begun."""
    told = provider_code(error)
    overloaded = told is not None and any(sign in told.lower() for sign in _OVERLOADED)
    message = f"{provider} broke off its reply" + (f" ({told})" if told else "")
    return LlmError("llm_overloaded" if overloaded else "llm_provider_error", message, retryable=True)


def provider_code(body: object) -> str | None:
    """The provider's own code or kind of error, when it looks like one."""
    if not isinstance(body, Mapping):
        return None
    inner = body.get("error")
    if isinstance(inner, Mapping):
        return provider_code(inner)
    for name in ("code", "type"):
        told = body.get(name)
        if isinstance(told, str | int) and _SPOKEN_CODE.fullmatch(str(told)):
            return str(told)
    return None


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the provider asks to wait: ``retry-after-ms``, or ``retry-after`` as seconds or as a date (RFC 9110)."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name)
        if text is None:
            continue
        try:
            return max(0.0, float(text) / unit)
        except ValueError:
            return _until(text, now)
    return None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())

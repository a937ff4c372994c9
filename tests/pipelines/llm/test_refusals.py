from datetime import UTC, datetime

import pytest

from pipelines.llm.refusals import refusal, retry_after_s, stream_error

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (400, "llm_bad_request", False),
        (401, "llm_unauthorized", False),
        (403, "llm_forbidden", False),
        (404, "llm_not_found", False),
        (418, "llm_bad_request", False),
        (429, "llm_rate_limited", True),
        (500, "llm_provider_error", True),
        (503, "llm_overloaded", True),
        (529, "llm_overloaded", True),
    ],
)
def test_what_a_status_means(status, code, retryable):
    error = refusal("cerebras", status, None, {}, NOW)
    assert (error.code, error.retryable, error.retry_after_s) == (code, retryable, None)


@pytest.mark.parametrize(
    ("status", "told", "code"),
    [
        (429, {"code": "insufficient_quota"}, "llm_payment_required"),
        (400, {"message": "Your credit balance is too low to access the Anthropic API."}, "llm_payment_required"),
        (400, {"message": "You have reached your specified API usage limits."}, "llm_payment_required"),
        (400, {"message": "Model Not Exist"}, "llm_not_found"),
        (400, {"message": "deepseek/deepseek-chat-v2 is not a valid model ID"}, "llm_not_found"),
        (400, {"message": "messages: 'Model Not Exist' is what the caller said"}, "llm_bad_request"),
        (500, {"message": "Model Not Exist"}, "llm_provider_error"),
        (403, {"metadata": {"reasons": ["violence"], "flagged_input": "I am Bob"}}, "llm_bad_request"),
        (403, {"metadata": {"patterns": ["ignore all previous instructions"]}}, "llm_bad_request"),
        (403, {"metadata": {"provider_name": "Novita"}}, "llm_forbidden"),
        (400, {"message": None}, "llm_bad_request"),
    ],
)
@pytest.mark.parametrize("enveloped", [True, False])
def test_what_vendors_say_under_the_status_of_something_else(status, told, code, enveloped):
    error = refusal("vendor", status, {"error": told} if enveloped else told, {}, NOW)
    assert (error.code, error.retryable) == (code, status == 500)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers, seconds):
    assert retry_after_s(headers, NOW) == seconds


def test_the_code_is_told_and_the_wording_is_not():
    body = {"error": {"message": "I am Bob, 555-1234", "code": "context_length_exceeded"}}
    text = str(refusal("openai", 400, body, {}, NOW))
    assert text == "openai answered 400 (context_length_exceeded)"
    assert str(refusal("openai", 400, {"code": "Bob said hello!"}, {}, NOW)) == "openai answered 400"


def test_an_overload_in_mid_stream_is_told_apart():
    assert stream_error("anthropic", {"type": "overloaded_error"}).code == "llm_overloaded"
    assert stream_error("anthropic", {"type": "api_error"}).code == "llm_provider_error"
    assert stream_error("x", "text").retryable

"""What the answers of a vendor amount to."""

import pytest

from crm.apollo.dialect import ApolloDialect
from crm.close.dialect import CloseDialect
from crm.errors import (
    BadAnswer,
    CrmError,
    Forbidden,
    GiveUp,
    InvalidRecord,
    NotFound,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
    RetryLater,
    SkipRecord,
    Unauthorized,
)
from crm.http import Response, delete, get, send_form, send_json, with_query
from crm.linkedin.endpoints import LinkedInTokenDialect

NOW = 1_790_000_000.0
READ = get("/thing/", "thing:read")
PAGE = b"<!DOCTYPE html><html></html>"


def fault(status: int, body: bytes = b"{}", content_type: str = "application/json") -> CrmError | None:
    return CloseDialect().fault(READ, Response(status, {"content-type": content_type}, body), NOW)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (301, GiveUp, "unexpected_redirect"),
        (400, InvalidRecord, "record_refused"),
        (401, Unauthorized, "credentials_refused"),
        (402, QuotaExhausted, "quota_exhausted"),
        (403, Forbidden, "not_permitted"),
        (404, NotFound, "record_not_found"),
        (405, GiveUp, "request_refused"),
        (410, NotFound, "record_not_found"),
        (422, InvalidRecord, "record_refused"),
        (429, RateLimited, "rate_limited"),
        (500, ProviderUnavailable, "provider_error"),
        (503, ProviderUnavailable, "provider_error"),
    ],
)
def test_each_status_has_its_meaning(status: int, kind: type[CrmError], code: str) -> None:
    error = fault(status)
    assert type(error) is kind
    assert (error.code, error.status, error.platform) == (code, status, "close")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_fault(status: int) -> None:
    assert fault(status, b"") is None


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (200, "provider_answered_html", "unknown"),
        (403, "provider_answered_html", "not_applied"),
        (404, "provider_answered_html", "not_applied"),
        (502, "provider_answered_html", "unknown"),
        (401, "credentials_refused", "not_applied"),
        (429, "rate_limited", "not_applied"),
        (302, "unexpected_redirect", "not_applied"),
    ],
)
def test_html_is_told_apart_from_the_api(status: int, code: str, outcome: str) -> None:
    for body, content_type in ((PAGE, "application/json"), (PAGE, "text/html; charset=utf-8")):
        error = fault(status, body, content_type)
        assert error is not None
        assert (error.code, error.outcome) == (code, outcome)


def test_a_server_error_leaves_the_outcome_open() -> None:
    error = fault(500)
    assert error is not None
    assert error.outcome == "unknown"


def test_refused_fields_are_named_and_their_values_not() -> None:
    error = fault(400, b'{"errors": [], "field-errors": {"phones": {"0": "Zebulon 12 is invalid"}, "emails": {}}}')
    assert error is not None
    assert error.fields == ("emails", "phones")
    assert "Zebulon" not in str(error)
    assert fault(400, b"not json").fields == ()  # type: ignore[union-attr]


def test_what_is_refused_of_a_leads_contacts_is_named_too() -> None:
    of_first = b'{"0": {"errors": [], "field-errors": {"emails": {"errors": {"0": {"errors": ["Zebulon"]}}}}}}'
    error = fault(400, b'{"errors": [], "field-errors": {"name": "Too long.", "contacts": {"errors": %s}}}' % of_first)
    assert error is not None
    assert error.fields == ("contacts.emails", "name")


def test_errors_are_sorted_by_what_to_do() -> None:
    for kind in (RateLimited, ProviderUnavailable):
        assert issubclass(kind, RetryLater)
    for kind in (Unauthorized, Forbidden, QuotaExhausted, BadAnswer):
        assert issubclass(kind, GiveUp)
    for kind in (NotFound, InvalidRecord):
        assert issubclass(kind, SkipRecord)
    assert RateLimited("c", "m").retryable
    assert not NotFound("c", "m").retryable


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (402, b"{}", QuotaExhausted),
        (422, b'{"error": "You have insufficient credits."}', QuotaExhausted),
        (422, b'{"error": "bad value"}', InvalidRecord),
        (403, b'{"error": "x is not accessible with this api_key", "error_code": "API_INACCESSIBLE"}', Forbidden),
        (422, b"text", InvalidRecord),
    ],
)
def test_apollos_two_meanings_of_one_status(status: int, body: bytes, kind: type[CrmError]) -> None:
    assert type(ApolloDialect().fault(READ, Response(status, {}, body), NOW)) is kind


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"error": "invalid_grant"}', "reauthorization_required"),
        (401, b"{}", "reauthorization_required"),
        (401, b'{"error": "invalid_client"}', "client_refused"),
        (400, b'{"error": "invalid_request"}', "token_request_refused"),
        (400, b"text", "token_request_refused"),
    ],
)
def test_token_endpoints(status: int, body: bytes, code: str) -> None:
    error = LinkedInTokenDialect().fault(READ, Response(status, {}, body), NOW)
    assert error is not None
    assert error.code == code


def test_requests_are_built_as_they_go_out() -> None:
    assert with_query("/x/", {"a": 1, "b": None, "c": True, "d": ("p", "q r"), "_e": "ü"}) == (
        "/x/?a=1&c=true&d=p%2Cq+r&_e=%C3%BC"
    )
    assert get("/x/", "g").url == "/x/"
    assert (delete("/x/", "g").idempotent, send_json("POST", "/x/", "g", {}, idempotent=False).body) == (True, b"{}")
    assert send_form("/x", "g", {"a": "b c"}, idempotent=False).body == b"a=b+c"

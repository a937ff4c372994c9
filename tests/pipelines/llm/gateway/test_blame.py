"""What a failure says of its provider."""

import pytest

from pipelines.llm.gateway.blame import LONGEST_PAUSE_S, PAUSE_S, Blame, blame
from pipelines.llm.port import LlmError


@pytest.mark.parametrize(
    ("code", "retry_after_s", "expected"),
    [
        ("llm_bad_request", None, Blame()),
        ("llm_too_large", None, Blame()),
        ("llm_unauthorized", None, Blame(opens=True)),
        ("llm_forbidden", None, Blame(opens=True)),
        ("llm_not_found", None, Blame(opens=True)),
        ("llm_payment_required", None, Blame(opens=True)),
        ("llm_timeout", None, Blame(strikes=1)),
        ("llm_connection_lost", None, Blame(strikes=1)),
        ("llm_bad_chunk", None, Blame(strikes=1)),
        ("llm_incomplete", None, Blame(strikes=1)),
        ("llm_provider_error", None, Blame(strikes=1)),
        ("llm_rate_limited", None, Blame(pause_s=PAUSE_S)),
        ("llm_rate_limited", 0.0, Blame()),
        ("llm_rate_limited", 12.5, Blame(pause_s=12.5)),
        ("llm_rate_limited", 86_400.0, Blame(pause_s=LONGEST_PAUSE_S)),
        ("llm_overloaded", 3.0, Blame(strikes=1, pause_s=3.0)),
    ],
)
def test_blame(code, retry_after_s, expected):
    assert blame(LlmError(code, "", retryable=True, retry_after_s=retry_after_s)) == expected

"""A page speaks the language of whoever opens it."""

import pytest

from agent_server.web.accepted_language import accepted_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("pl,fr;q=0.7,en;q=0.3", "fr"),
        ("pl, ja", "en"),
        ("en;q=0.4, it;q=0.6", "it"),
        ("nl;q=0", "en"),
        ("*", "en"),
        ("de;q=high, es;q=0.1", "es"),
        (",;,;;=,", "en"),
        ("x," * 1000 + "de", "en"),
    ],
)
def test_the_language_liked_best_of_those_there_are(header: str, language: str) -> None:
    assert accepted_language(header) == language

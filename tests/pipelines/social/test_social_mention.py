"""Which post is brought up with whom it is from, and how it is quoted."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.social.mention import mention_of
from pipelines.social.values import Post

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def post(title: str, *, days_ago: float | None = 3, text: str = "") -> Post:
    when = None if days_ago is None else NOW - timedelta(days=days_ago)
    return Post("feed", "acme.example", "https://acme.example/1", title, text, when)


def test_a_fresh_post_about_business_is_quoted_as_it_stands() -> None:
    assert mention_of([post("Acme opens an office in Oslo")], NOW) == (
        'I saw what you wrote on November 17: "Acme opens an office in Oslo".'
    )
    said = post("", text="We are hiring 40 engineers! Apply at https://acme.example/jobs #jobs")
    assert mention_of([said], NOW) == 'I saw what you wrote on November 17: "We are hiring 40 engineers!".'
    assert "\"Introducing 'Widgets' for all\"" in mention_of([post('Introducing "Widgets" for all [x](y)'[:31])], NOW)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("We work with Dr. Smith on a new clinic. Come by.", "We work with Dr. Smith on a new clinic"),
        ("Acme Inc. opens an office in Oslo. Come by.", "Acme Inc. opens an office in Oslo"),
        (
            "Our U.S. office is open, at 5 p.m. there is cake. Come by.",
            "Our U.S. office is open, at 5 p.m. there is cake",
        ),
        ("We were certified by Acme Corp. Thanks to all.", "We were certified by Acme Corp"),
    ],
)
def test_a_short_form_ends_no_sentence(text: str, quote: str) -> None:
    assert f'"{quote}".' in mention_of([post("", text=text)], NOW)


def test_words_written_to_do_harm_take_no_time() -> None:
    began = time.perf_counter()
    for piece in ("a@", "#", "new ", "www.", "[", "r.i.", ". "):
        mention_of([post("", text=(piece * 1_000)[:1_000]) for _ in range(20)], NOW)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "unfit",
    [
        post("Acme opens an office in Oslo", days_ago=61),
        post("Acme opens an office in Oslo", days_ago=None),
        post("Acme opens an office in Oslo", days_ago=-1),
        post("Happy birthday to our new colleague Ann"),
        post("We mourn our founder, who passed away"),
        post("About the outage of our platform"),
        post("We announce layoffs"),
        post("New office party"),
        post("A thought on clouds and rain"),
        post("New: https://acme.example/x"),
        post("Launch"),
        post(f"New {'very ' * 40}long"),
    ],
)
def test_what_a_stranger_does_not_bring_up(unfit: Post) -> None:
    assert mention_of([unfit], NOW) == ""
    fit = post("Widgets 2 is available now", days_ago=20)
    assert "Widgets 2" in mention_of([unfit, fit], NOW), "an older one that may be brought up"

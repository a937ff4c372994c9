"""Tokens, sample values, the prompt cache and quotas: the pure parts of a model."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.chat.marked_prefixes import MarkedPrefixes
from simulators.chat.prompt_cache import PromptCache
from simulators.chat.quota import Quota
from simulators.chat.samples import sample, schema_in_words
from simulators.chat.tokens import count_prompt, split


@given(st.text())
def test_tokens_joined_are_the_text(text):
    assert "".join(split(text)) == text


def test_tokens_are_short():
    assert split("Hello, extraordinary world!") == ("Hello", ",", " extrao", "rdinar", "y", " world", "!")
    assert count_prompt(400) == 100
    assert count_prompt(0) == 1


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "sample"),
        ({"type": "string", "format": "email"}, "sam@example.com"),
        ({"type": "string", "minLength": 8}, "samplexx"),
        ({"type": "string", "maxLength": 3}, "sam"),
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        ({"const": 7}, 7),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 10, "maximum": 20}, 10),
        ({"type": "integer", "maximum": -5}, -5),
        ({"type": "number", "exclusiveMinimum": 3}, 4),
        ({"type": "boolean"}, True),
        ({"type": ["null", "string"]}, None),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, True),
        ({"allOf": [{"type": "object", "properties": {"a": {"type": "null"}}}, {"required": ["a"]}]}, {"a": None}),
        ({}, "sample"),
    ],
)
def test_samples(schema, value):
    assert sample(schema) == value


def test_samples_have_the_required_properties_and_follow_references():
    schema = {
        "type": "object",
        "properties": {"lead": {"$ref": "#/$defs/Lead"}, "note": {"type": "string"}},
        "required": ["lead"],
        "$defs": {"Lead": {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}},
    }
    assert sample(schema) == {"lead": {"score": 1}}


def test_a_schema_that_contains_itself_ends():
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert msgspec.json.encode(sample(node))


def test_the_cache_knows_prefixes_in_blocks():
    cache = PromptCache(lifetime_s=60)
    prompt = "".join(chr(97 + n % 26) for n in range(2000))
    assert cache.read("m", prompt, 0) == 0
    assert cache.read("m", prompt + "and more", 1) == 1536
    assert cache.read("other", prompt, 1) == 0
    assert cache.read("m", "X" + prompt[1:], 1) == 0
    assert cache.read("m", prompt[:1024] + "Y" * 1000, 1) == 1024


def test_the_cache_forgets_what_is_not_used():
    cache = PromptCache(lifetime_s=60)
    cache.read("m", "a" * 1024, 0)
    assert cache.read("m", "a" * 1024, 59) == 1024
    assert cache.read("m", "a" * 1024, 118) == 1024
    assert cache.read("m", "a" * 1024, 179) == 0


def test_a_cache_of_marked_prefixes_knows_those_alone():
    cache = MarkedPrefixes(shortest=10, lifetime_s=60)
    system, history, passing, words = ("s" * 10, True), ("h" * 10, True), ("p" * 10, False), ("w" * 10, True)
    assert cache.take("m", [system, history], 0) == (0, 20)
    assert cache.take("m", [system, history, words], 1) == (20, 10)
    assert cache.take("m", [system, passing, history], 1) == (10, 20), "what stands before is another"
    assert cache.take("m", [system, history, ("other", False)], 1) == (20, 0), "what is not marked is not written"
    assert cache.take("other", [system], 1) == (0, 10)
    assert cache.take("m", [("short", True)], 1) == cache.take("m", [("short", True)], 1) == (0, 0)
    assert cache.take("m", [system, history], 62) == (0, 20)


def test_a_marked_prefix_is_looked_for_a_little_way_back():
    cache = MarkedPrefixes(shortest=1)
    cache.take("m", [("first", True)], 0)
    for between, read in ((19, 5), (20, 0)):
        blocks = [("first", False), *((f"b{between}", False) for _ in range(between)), ("last", True)]
        assert cache.take("m", blocks, 1)[0] == read, between


def test_quotas_are_booked_until_the_window_ends():
    quota = Quota(2, 100)
    assert quota.book(60, 0).exceeded is None
    over = quota.book(60, 10)
    assert (over.exceeded, over.tokens_left, over.requests_left, over.reset_s) == ("tokens", 40, 1, 50)
    assert quota.book(40, 20).exceeded is None
    assert quota.book(0, 30).exceeded == "requests"
    assert quota.book(60, 61).exceeded is None


def test_a_schema_told_in_words_is_found():
    told = 'Data: {"lead": {"a": 1}}. Answer with JSON of {"type": "object", "properties": {"a": {}}} and nothing else.'
    assert schema_in_words(told) == {"type": "object", "properties": {"a": {}}}
    assert schema_in_words('no schema {"a": 1} { here') == {}

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.postgres.json_codec import decode_jsonb, encode_json, encode_jsonb
from storage.postgres.named_query import Query

ANY_TEXT = st.text(alphabet=st.characters())  # surrogates and U+0000 included
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


def storable(value):
    match value:
        case str():
            text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return text.replace("\0", "\ufffd")
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list():
            return [storable(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize("text", ["a\0b", "\\u0000", "\\\0", "\0\0", "\\\\u0000\0"])
def test_only_real_nuls_are_replaced(text):
    assert json.loads(encode_json(text)) == text.replace("\0", "\ufffd")


def test_a_lone_surrogate_costs_one_character():
    assert json.loads(encode_json({"text": "yes \ud83d please"})) == {"text": "yes \ufffd please"}


def test_two_halves_of_a_character_become_one():
    assert json.loads(encode_json("\ud83d\ude00")) == "\U0001f600"


def test_a_struct_with_a_lone_surrogate():
    class Said(msgspec.Struct):
        text: str

    assert json.loads(encode_json(Said("\ud800!"))) == {"text": "\ufffd!"}


def test_what_has_no_json_form_is_an_error():
    with pytest.raises(TypeError):
        encode_json(object())


@given(VALUES)
def test_jsonb_form_reads_back(value):
    assert decode_jsonb(encode_jsonb(value)) == storable(value)


async def test_postgres_takes_every_text(database):
    echo = Query("echo", "SELECT %(value)s::jsonb")
    for value in ["\0", "\ud800", "\\u0000", "\U0001f600", {"k\0": ["\udfff"]}, None, [], 1.5, 2**53]:
        assert await database.fetch_value(echo, value=value) == storable(value)

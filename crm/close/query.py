"""Close's query language, as far as it is used: the JSON under ``query`` of ``POST /data/search/``.

The shapes are what Close's own Smart Views contain (``s_query``).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

Query = dict[str, Any]
ObjectType = Literal["lead", "contact"]


def objects(object_type: ObjectType) -> Query:
    return {"type": "object_type", "object_type": object_type}


def both(*queries: Query) -> Query:
    return {"type": "and", "queries": list(queries)}


def either(queries: Sequence[Query]) -> Query:
    return {"type": "or", "queries": list(queries)}


def field(object_type: str, name: str) -> Query:
    return {"type": "regular_field", "object_type": object_type, "field_name": name}


def changed_since(object_type: ObjectType, field_name: str, moment: datetime) -> Query:
    """Objects whose time field is ``moment`` or later."""
    return {
        "type": "field_condition",
        "field": field(object_type, field_name),
        "condition": {"type": "moment_range", "on_or_after": {"type": "fixed_utc", "value": moment.isoformat()}},
    }


def text(
    of: Query, value: str, mode: Literal["full_words", "phrase", "exact_value", "beginning_of_words"] = "full_words"
) -> Query:
    return {"type": "field_condition", "field": of, "condition": {"type": "text", "mode": mode, "value": value}}


def has(this: str, related: str, query: Query) -> Query:
    """Objects of one kind that have a related one which matches."""
    return {"type": "has_related", "this_object_type": this, "related_object_type": related, "related_query": query}


def lead_with_email(address: str) -> Query:
    """Leads with a contact that has this e-mail address."""
    address_is = text(field("contact_email", "email"), address, "exact_value")
    return has("lead", "contact", has("contact", "contact_email", address_is))


def lead_with_words(words: str) -> Query:
    """Leads whose name, or one of whose contacts' names, has these words."""
    named = text(field("lead", "display_name"), words)
    return either([named, has("lead", "contact", text(field("contact", "name"), words))])

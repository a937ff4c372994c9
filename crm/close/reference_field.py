"""The custom field of contacts that holds our references, by which a creation without an answer is known again."""

from crm.client import CallOptions
from crm.close import custom_fields
from crm.close.api import CloseApi
from crm.close.records import CustomField
from crm.errors import Forbidden

NAME = "Sales agent reference"


async def ensure(api: CloseApi, options: CallOptions) -> str | None:
    """The field's id, after adding it where it is missing; None without the right to. Two processes that both add one
    settle on the same: the smallest id."""
    found = await _ids(api, options)
    if not found:
        try:
            await api.one(custom_fields.create("contact", NAME), CustomField, options)
        except Forbidden:
            return None
        found = await _ids(api, options)
    return min(found, default=None)


async def _ids(api: CloseApi, options: CallOptions) -> list[str]:
    fields = await api.every(lambda skip: custom_fields.listing("contact", skip), CustomField, options)
    return [field.id for field in fields if field.name == NAME]

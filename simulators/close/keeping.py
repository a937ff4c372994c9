"""What the simulated organisation holds, as bytes, for one that goes on another day."""

from typing import Any, Final

import msgspec

from simulators.close.store import CloseStore

_TABLES: Final = ("leads", "contacts", "opportunities", "activities", "custom_fields")


def saved(store: CloseStore) -> bytes:
    """Subscriptions of webhooks are not among it: who wants them subscribes again."""
    held: dict[str, Any] = {table: getattr(store, table) for table in _TABLES}
    return msgspec.json.encode(held | {"unsubscribed": sorted(store.unsubscribed), "events": store.log.entries})


def restore(store: CloseStore, data: bytes) -> None:
    """Into one that is new, of another seed: ids must not come twice."""
    held = msgspec.json.decode(data)
    for table in _TABLES:
        getattr(store, table).update(held[table])
    store.unsubscribed.update(held["unsubscribed"])
    store.log.entries.extend(held["events"])

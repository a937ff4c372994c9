"""Recent answers, bounded in number and age."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class TtlCache(Generic[K, V]):
    """Keeps up to ``max_entries`` values for ``ttl_s`` each. When full, the oldest entry makes room.

    Times are seconds of any monotonic clock.
    """

    def __init__(self, *, max_entries: int, ttl_s: float) -> None:
        self._max_entries = max_entries
        self._ttl_s = ttl_s
        # Every entry lives equally long, so the order of insertion is the order of expiry.
        self._entries: dict[K, tuple[float, V]] = {}

    def get(self, key: K, now_s: float) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= now_s:
            del self._entries[key]
            return None
        return entry[1]

    def put(self, key: K, value: V, now_s: float) -> None:
        self._entries.pop(key, None)
        while len(self._entries) >= self._max_entries:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (now_s + self._ttl_s, value)

    def forget(self, key: K) -> None:
        self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

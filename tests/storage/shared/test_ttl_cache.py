from storage.shared.ttl_cache import TtlCache


def test_an_entry_lives_for_its_time():
    cache: TtlCache[str, int] = TtlCache(max_entries=2, ttl_s=10)
    cache.put("a", 1, now_s=100)
    assert cache.get("a", now_s=109.9) == 1
    assert cache.get("a", now_s=110) is None
    assert len(cache) == 0


def test_reading_does_not_prolong_and_writing_does():
    cache: TtlCache[str, int] = TtlCache(max_entries=2, ttl_s=10)
    cache.put("a", 1, now_s=100)
    cache.get("a", now_s=109)
    assert cache.get("a", now_s=111) is None
    cache.put("b", 1, now_s=100)
    cache.put("b", 2, now_s=105)
    assert cache.get("b", now_s=114) == 2


def test_the_oldest_makes_room():
    cache: TtlCache[str, int] = TtlCache(max_entries=2, ttl_s=10)
    for key, now_s in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        cache.put(key, now_s, now_s=now_s)
    assert [cache.get(key, now_s=5) for key in "abc"] == [3, None, 4]


def test_clear_forgets_everything():
    cache: TtlCache[str, int] = TtlCache(max_entries=2, ttl_s=10)
    cache.put("a", 1, now_s=0)
    cache.clear()
    assert cache.get("a", now_s=0) is None

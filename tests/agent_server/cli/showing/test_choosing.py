from agent_server.cli.showing.cast import Line, Visit, load_cast
from agent_server.cli.showing.choosing import Coming
from agent_server.cli.showing.crowd import Crowd

VISITS = load_cast().callers()


def test_everybody_comes_once_before_anybody_comes_again_and_never_the_same_order() -> None:
    coming = Coming(VISITS, every_s=20, seed=1)
    rounds = [[visit.id for _ in VISITS if (visit := coming.next(())) is not None] for _ in range(3)]
    assert all(sorted(each) == sorted(visit.id for visit in VISITS) for each in rounds)
    assert len({tuple(each) for each in rounds}) == 3


def test_the_same_seed_is_the_same_day() -> None:
    days = [[Coming(VISITS, every_s=20, seed=seed).next(()) for _ in range(1)] for seed in (7, 7)]
    assert days[0] == days[1]
    firsts = {getattr(Coming(VISITS, every_s=20, seed=seed).next(()), "id", None) for seed in range(20)}
    assert len(firsts) > 1


def test_nobody_is_in_two_conversations_and_who_was_there_before_comes_after_the_first_time() -> None:
    first = Visit(id="first", name="Ann", door="api", lines=(Line("Hi"),))
    follow = Visit(id="follow", name="Ann", door="api", lines=(Line("Hi again"),), again=True)
    for seed in range(10):
        coming = Coming((follow, first), every_s=20, seed=seed)
        assert coming.next({"Ann"}) is None
        assert [coming.next(()), coming.next(())] == [first, follow]
    known = Coming((follow,), every_s=20, seed=1)
    known.was_here("Ann")
    assert known.next(()) == follow


def test_every_other_one_is_a_stranger_and_no_stranger_comes_again() -> None:
    coming = Coming(VISITS, every_s=20, seed=5, strangers=Crowd(5).visits())
    came = [visit for _ in range(300) if (visit := coming.next(())) is not None]
    strangers = [visit.name for visit in came if visit not in VISITS]
    assert 120 < len(strangers) < 180
    assert len(set(strangers)) == len(strangers)


def test_the_pauses_are_about_as_long_as_asked_for() -> None:
    coming = Coming(VISITS, every_s=20, seed=3)
    pauses = [coming.pause_s() for _ in range(200)]
    assert min(pauses) >= 14 and max(pauses) <= 26
    assert 19 < sum(pauses) / len(pauses) < 21

"""Lines that are known as they are said."""

from simulators.audio.said_now import Phrase, SaidNow, SpokenLine

ANN = SpokenLine(
    (Phrase("hello there", 100, 600), Phrase("thank you", 900, 1400)),
    (*[0] * 10, *[900, 2500, 700, 3000, 1200] * 10, *[0] * 30, *[2000, 800] * 25, *[0] * 20),
)
BOB = SpokenLine((Phrase("what does it cost", 50, 1000),), (*[0] * 5, *range(300, 5990, 60), *[0] * 10))


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def heard(line: SpokenLine, begin: int, end: int) -> list[int]:
    return list(line.levels[begin:end])


def words(library: SaidNow, levels: list[int]) -> list[str]:
    match = library.match(levels)
    assert match is not None
    return [word.text for word in match.known.words if word.start_ms >= match.offset_ms - 60]


def test_of_two_who_speak_at_once_each_is_understood() -> None:
    clock = Clock()
    library = SaidNow(clock)
    assert library and library.match([900] * 50) is None
    library.say("ann", ANN)
    library.say("bob", BOB)
    clock.now_s += 0.75
    assert words(library, heard(ANN, 10, 75)) == ["hello", "there", "thank", "you"]
    assert words(library, heard(BOB, 5, 75)) == ["what", "does", "it", "cost"]


def test_after_a_pause_the_rest_of_the_line_is_heard() -> None:
    clock = Clock()
    library = SaidNow(clock)
    library.say("ann", ANN)
    clock.now_s += 1.55
    assert words(library, heard(ANN, 90, 140)) == ["thank", "you"]


def test_what_was_said_long_ago_or_by_who_left_is_over() -> None:
    clock = Clock()
    library = SaidNow(clock)
    library.say("ann", ANN)
    clock.now_s += 60
    assert library.match(heard(ANN, 10, 60)) is None
    library.say("ann", ANN)
    clock.now_s += 0.6
    assert library.match(heard(ANN, 10, 60)) is not None
    library.leave("ann")
    library.leave("ann")
    assert library.match(heard(ANN, 10, 60)) is None

from agent_server.telephony.keypad import MOST_DIGITS, OPERATOR, PAUSE_MS, Keypad


def test_keys_are_gathered_until_a_pause() -> None:
    keypad = Keypad()
    for at, key in enumerate("4155"):
        keypad.press(key, at * 1000.0)
        assert keypad.said(at * 1000.0 + 900) is None
    assert keypad.said(3000 + PAUSE_MS) == "4155"
    assert keypad.said(60_000) is None


def test_a_hash_ends_them_at_once() -> None:
    keypad = Keypad()
    for key in "#20#":
        keypad.press(key, 0.0)
    assert keypad.said(0.0) == "20"


def test_they_are_words_of_the_language_that_is_talked() -> None:
    keypad = Keypad("de-AT")
    keypad.press("0", 0.0)
    assert keypad.said(PAUSE_MS) == "Ich möchte mit einem Menschen sprechen."


def test_zero_alone_asks_for_a_person() -> None:
    keypad = Keypad()
    keypad.press("0", 0.0)
    assert keypad.said(PAUSE_MS) == OPERATOR


def test_what_is_no_digit_is_nothing_and_nobody_fills_memory() -> None:
    keypad = Keypad()
    for key in ("*", "A", "12", "", "²"):
        keypad.press(key, 0.0)
    assert keypad.said(PAUSE_MS) is None
    for _ in range(1000):
        keypad.press("7", 0.0)
    assert keypad.said(PAUSE_MS) == "7" * MOST_DIGITS

"""Somebody on the telephone, tick by tick."""

from base64 import b64encode

from agent_server.cli.showing.cast import Line
from agent_server.cli.showing.phone_person import PhonePerson, ToSay
from agent_server.cli.showing.voices import Voiced
from simulators.audio.said_now import SpokenLine
from simulators.telephone.handset import FRAME_BYTES, FRAME_MS, Handset

LOUD = b"\x00" * FRAME_BYTES


class Phone:
    """A person at a handset; ``agent`` is how many ms of it speak from now on."""

    def __init__(self, *lines: Line) -> None:
        self.begun: list[float] = []
        spoken = [ToSay(line, Voiced(LOUD * 10, SpokenLine((), ()))) for line in lines]
        self.person = PhonePerson(spoken, lambda _: self.begun.append(self.now_ms))
        self.handset = Handset("MZ")
        self.now_ms = 0.0

    def agent(self, ms: int) -> None:
        payload = b64encode(LOUD * (ms // FRAME_MS)).decode()
        self.handset.take({"event": "media", "streamSid": "MZ", "media": {"payload": payload}})

    def until_hung_up(self, most_ms: float) -> bool:
        while self.now_ms < most_ms:
            self.now_ms += FRAME_MS
            self.handset.tick()
            if self.person.look(self.handset, self.now_ms):
                return True
        return False


def test_it_hears_the_agent_out_speaks_and_hangs_up_at_last() -> None:
    phone = Phone(Line("Hi"))
    phone.agent(1000)
    assert not phone.until_hung_up(4000)
    (said,) = phone.begun
    assert 2300 < said < 2600
    phone.agent(500)
    assert phone.until_hung_up(9000)
    assert phone.now_ms > 6900


def test_who_breaks_in_does_not_wait_for_the_end() -> None:
    phone = Phone(Line("Hi"), Line("Sorry", breaks_in=True))
    phone.agent(400)
    phone.until_hung_up(2200)
    phone.agent(8000)
    phone.until_hung_up(6000)
    first, second = phone.begun
    assert second - first < 2200


def test_who_waits_for_somebody_stays_as_long_and_a_silent_agent_is_not_waited_for_for_ever() -> None:
    phone = Phone(Line("I'll wait", stays_s=5), Line("Bye"))
    assert not phone.until_hung_up(12_100)
    assert len(phone.begun) == 1
    phone.agent(200)
    phone.until_hung_up(17_900)
    assert phone.begun[-1] - phone.begun[0] >= 5000

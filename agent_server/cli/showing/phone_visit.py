"""Somebody who calls the agent's number, through the simulated carrier."""

import asyncio
from typing import Final
from xml.etree import ElementTree

import aiohttp

from agent_server.cli.showing.cast import DEFAULT_VOICE, Visit
from agent_server.cli.showing.phone_person import PhonePerson, ToSay
from agent_server.cli.showing.voices import Voices
from simulators.audio.said_now import SaidNow
from simulators.telephone.handset import FRAME_MS
from simulators.telephone.streamed_call import CallFailedError
from simulators.twilio.phone_call import PhoneCall

LONGEST_S: Final = 300.0


async def call_in(server: str, token: str, visit: Visit, voices: Voices, ears: SaidNow) -> bool:
    """Whether the call came about, once it is over. ``ears``: the recogniser's, which are told what is said."""
    assert visit.number is not None
    call = PhoneCall(f"{server}/telephony/twilio/voice", auth_token=token, calls_from=visit.number)
    voice = visit.voice or DEFAULT_VOICE
    said = [ToSay(line, voices[line.text, voice]) for line in visit.lines]
    person = PhonePerson(said, lambda voiced: ears.say(visit.id, voiced.line))
    clock = asyncio.get_running_loop().time
    carried = asyncio.create_task(call.run(), name=f"{visit.id} is on the line")
    try:
        async with asyncio.timeout(LONGEST_S):
            while not carried.done():
                if call.streaming.is_set() and person.look(call.handset, clock() * 1000):
                    call.hang_up()
                await asyncio.sleep(FRAME_MS / 1000)
            await carried
    except (CallFailedError, aiohttp.ClientError, ElementTree.ParseError, TimeoutError):
        return False  # the news says so
    finally:
        ears.leave(visit.id)
        carried.cancel()
        await asyncio.wait([carried])
    return True

"""Every phrase that callers hear word for word is there in the other languages."""

import inspect
import re
from pathlib import Path

import pipelines.tools
from agent_server.call_audio.work import ANNOUNCEMENT, STOPPED
from agent_server.hosting.breaking_off import SORRY
from agent_server.telephony import apologies, colleague
from agent_server.telephony.outbound import opening
from agent_server.telephony.twilio.colleague import PRESS
from pipelines.language.words import WORDS
from pipelines.playbook import elsewhere

_SAID = re.compile(r'(?:said|_about)\(\s*"([^"]+)"')


def phrases() -> set[str]:
    told = {ANNOUNCEMENT, STOPPED, SORRY, PRESS, colleague.WHOEVER}
    for module in (apologies, elsewhere):
        texts = {text for name, text in vars(module).items() if name.isupper() and isinstance(text, str)}
        told |= {text for text in texts if " " in text or text.endswith(".")}
    for file in Path(pipelines.tools.__file__).parent.rglob("*.py"):
        told.update(re.findall(r'filler="([^"]+)"', file.read_text()))
    for module in (opening, colleague):
        told.update(_SAID.findall(inspect.getsource(module)))
    return told


def test_all_of_them_are_known() -> None:
    assert len(phrases()) > 25
    assert not phrases() - WORDS["de"].phrases.keys()

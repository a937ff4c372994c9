"""A wish for a person that came to nothing, as the agent is told of it: the end of the tool's call, and what to say."""

from typing import Final

import msgspec

from pipelines.conversation.facts import CameLate
from pipelines.playbook.tools import HANDOFF_TO_PERSON

CODE: Final = "nobody_answered"


def nobody_came(message: str) -> CameLate:
    """``message``: what happened, and what is to be said."""
    output = msgspec.json.encode({"error": {"code": CODE, "message": message}}).decode()
    return CameLate(HANDOFF_TO_PERSON.name, output)

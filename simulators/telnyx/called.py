"""One call that the server asked for: it rings, somebody answers or nobody does, and the server's webhook is told."""

import asyncio
from collections.abc import Mapping
from typing import Any

from simulators.telephone.called import hear_out, rings_out
from simulators.telephone.person import Behaviour
from simulators.telnyx.phone_call import TelnyxCall

_UNANSWERED = {"busy": "user_busy", "no-answer": "timeout", "canceled": "originator_cancel"}
_DETECTED: Mapping[Behaviour, str] = {"voicemail": "machine", "fax": "fax_detected"}
"""By premium detection; "human_residence" for the others."""


class TelnyxPerson(TelnyxCall):
    """``run`` plays it. ``asked``: what the server asked for."""

    def __init__(
        self, asked: Mapping[str, Any], *, api_key: str, does: Behaviour, ring_s: float, detection_s: float
    ) -> None:
        super().__init__(
            asked["webhook_url"],
            api_key=api_key,
            calls_from=asked["from"],
            calls_to=asked["to"],
            client_state=asked.get("client_state"),
        )
        self.asked = dict(asked)
        self.does = does
        self._ring_s = ring_s
        self._detection_s = detection_s

    @property
    def is_alive(self) -> bool:
        return not self._over.is_set()

    def shown(self) -> dict[str, Any]:
        """As the API has it."""
        known = {"call_control_id": self.call_control_id, "call_leg_id": self._leg, "call_session_id": self._leg}
        return {**known, "record_type": "call", "is_alive": self.is_alive, "client_state": self._client_state}

    async def _begin_call(self) -> None:
        await self._tell("call.initiated", direction="outgoing", state="bridging")
        unanswered = await rings_out(self.does, self._ring_s, self._over)
        if unanswered is not None:
            self._cause = _UNANSWERED[unanswered]
            self.hang_up("callee")
            return
        self._answered = True
        await self._tell("call.answered")
        if self.asked.get("answering_machine_detection") == "premium":
            self._begin(self._detect())
        if self.does == "hears_out":
            self._begin(hear_out(self))

    async def _detect(self) -> None:
        await asyncio.sleep(self._detection_s)
        found = _DETECTED.get(self.does, "human_residence")
        await self._tell("call.machine.premium.detection.ended", result=found)
        if found == "machine":
            await asyncio.sleep(self._detection_s)
            await self._tell("call.machine.premium.greeting.ended", result="beep_detected")

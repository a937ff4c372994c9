"""One call that the server asked for: it rings, somebody answers or nobody does, and the server's webhooks are told."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any
from xml.etree import ElementTree

import aiohttp

from simulators.telephone.called import hear_out, rings_out
from simulators.telephone.person import ANSWERED_BY, Behaviour
from simulators.telephone.streamed_call import CallFailedError
from simulators.twilio.phone_call import PhoneCall
from simulators.twilio.signing import signed

CALLBACK_S = 15.0


class CalledPerson:
    """``run`` plays it. ``form``: names with values, as the server asked."""

    def __init__(self, form: Sequence[tuple[str, str]], *, account_sid: str, auth_token: str, does: Behaviour) -> None:
        self.sid = f"CA{secrets.token_hex(16)}"
        self.status = "queued"
        self.answered_by: str | None = None
        self.does = does
        self.form = dict(form)
        self.callbacks: list[tuple[str, int]] = []
        """What was told, with the status it was answered with; 0: nobody was there."""
        self._events = {value for name, value in form if name == "StatusCallbackEvent"} or {"completed"}
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._created = formatdate(time.time(), usegmt=True).replace("GMT", "+0000")
        self._ended = asyncio.Event()
        self.phone = PhoneCall(
            self.form.get("Url", ""),
            auth_token=auth_token,
            calls_from=self.form["From"],
            calls_to=self.form["To"],
            account_sid=account_sid,
            call_sid=self.sid,
            direction="outbound-api",
        )

    def shown(self) -> dict[str, Any]:
        """As the REST API has it."""
        return {
            "sid": self.sid,
            "account_sid": self._account_sid,
            "to": self.form["To"],
            "from": self.form["From"],
            "status": self.status,
            "direction": "outbound-api",
            "answered_by": self.answered_by,
            "date_created": self._created,
            "api_version": "2010-04-01",
        }

    @property
    def is_over(self) -> bool:
        return self.status not in ("queued", "ringing", "in-progress")

    def end(self) -> None:
        """The server hangs up."""
        self._ended.set()
        self.phone.hang_up("carrier")

    def carry_out(self, twiml: str) -> None:
        """Raises ElementTree.ParseError."""
        self.phone.carry_out(twiml)

    async def run(self, *, ring_s: float, detection_s: float) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALLBACK_S)) as session:
            await self._tell(session, "initiated", "initiated")
            self.status = "ringing"
            await self._tell(session, "ringing", "ringing")
            unanswered = await rings_out(self.does, ring_s, self._ended)
            if unanswered is not None:
                self.status = unanswered
            else:
                self.status = "in-progress"
                await self._tell(session, "answered", "in-progress")
                if "MachineDetection" in self.form and not self._detects_beside:
                    await self._detect(session, detection_s)  # and nobody says a word before
                await self._talk(session, detection_s)
                self.status = "completed"
            await self._tell(session, "completed", self.status)

    async def _talk(self, session: aiohttp.ClientSession, detection_s: float) -> None:
        beside = [asyncio.create_task(self._detect(session, detection_s))] if self._detects_beside else []
        if self.does == "hears_out":
            beside.append(asyncio.create_task(hear_out(self.phone)))
        try:
            await self.phone.run()
        except (CallFailedError, aiohttp.ClientError, TimeoutError, ElementTree.ParseError):
            pass  # an application error has occurred, says Twilio, and hangs up
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    @property
    def _detects_beside(self) -> bool:
        return "MachineDetection" in self.form and self.form.get("AsyncAmd") == "true"

    async def _detect(self, session: aiohttp.ClientSession, detection_s: float) -> None:
        await asyncio.sleep(detection_s)
        self.answered_by = ANSWERED_BY.get(self.does, "human")
        if self.does == "voicemail" and self.form["MachineDetection"] == "Enable":
            self.answered_by = "machine_start"
        if not self._detects_beside:
            self.phone.tell_further({"AnsweredBy": self.answered_by})
        elif address := self.form.get("AsyncAmdStatusCallback"):
            told = {"AnsweredBy": self.answered_by, "MachineDetectionDuration": f"{detection_s * 1000:.0f}"}
            await self._post(session, address, told, self.answered_by)

    async def _tell(self, session: aiohttp.ClientSession, event: str, status: str) -> None:
        address = self.form.get("StatusCallback")
        if address and event in self._events:
            news = {
                "From": self.form["From"],
                "To": self.form["To"],
                "Direction": "outbound-api",
                "ApiVersion": "2010-04-01",
                "SequenceNumber": str(len(self.callbacks)),
                "CallStatus": status,
                "CallbackSource": "call-progress-events",
            }
            await self._post(session, address, news, status)

    async def _post(self, session: aiohttp.ClientSession, address: str, news: Mapping[str, str], what: str) -> None:
        form = {"CallSid": self.sid, "AccountSid": self._account_sid, **news}
        headers = {"X-Twilio-Signature": signed(self._auth_token, address, form)}
        try:
            async with session.post(address, data=form, headers=headers) as answer:
                self.callbacks.append((what, answer.status))
        except (aiohttp.ClientError, TimeoutError):
            self.callbacks.append((what, 0))

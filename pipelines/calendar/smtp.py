"""Mail over SMTP."""

import asyncio
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from pipelines.calendar.mail import MailError

TIMEOUT_S = 20.0
"""For each answer until the message is handed over."""
TAKING_S = 600.0
"""For the answer to the whole message: whoever waits less sends many mails twice (RFC 5321, 4.5.3.2.6)."""
LONGEST_S = 900.0
"""For all of it."""
_SMTPS_PORT = 465
_SUBMISSION_PORT = 587
_FIRST_PERMANENT = 500


class SmtpMail:
    """Implements Mail. One connection a message: there are few."""

    def __init__(self, url: str, *, taking_s: float = TAKING_S) -> None:
        """``smtp://user:password@host:587``, encrypted where the server can, or ``smtps://``, encrypted throughout."""
        self._taking_s = taking_s
        parts = urlsplit(url)
        self._encrypted = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (_SMTPS_PORT if self._encrypted else _SUBMISSION_PORT)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, message: EmailMessage) -> None:
        client = _Client(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._encrypted,
            # A password never goes over an open line.
            start_tls=None if not self._encrypted and self._password is None else not self._encrypted,
            timeout=TIMEOUT_S,
        )
        client.taking_s = self._taking_s
        try:
            async with asyncio.timeout(LONGEST_S), client:
                await client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise MailError("mail_recipient_refused", refused=all(_is_final(one) for one in error.recipients)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise MailError(f"mail_refused_{error.code}", refused=error.code >= _FIRST_PERMANENT) from None
        except (aiosmtplib.SMTPException, OSError):
            if client.in_doubt:
                raise MailError("mail_outcome_unknown", refused=False, in_doubt=True) from None
            raise MailError("mail_unreachable", refused=False) from None


class _Client(aiosmtplib.SMTP):
    """``in_doubt``: the message was being handed over, and the server has not said whether it takes it."""

    in_doubt = False
    taking_s = TAKING_S

    async def data(self, message: str | bytes, /, **_options: Any) -> aiosmtplib.SMTPResponse:
        self.in_doubt = True
        try:
            return await super().data(message, timeout=self.taking_s)
        except aiosmtplib.SMTPResponseException:
            self.in_doubt = False
            raise


def _is_final(refusal: aiosmtplib.SMTPRecipientRefused) -> bool:
    return refusal.code >= _FIRST_PERMANENT

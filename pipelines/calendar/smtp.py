"""Mail over SMTP."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from pipelines.calendar.mail import MailError

TIMEOUT_S = 20.0
_SMTPS_PORT = 465
_SUBMISSION_PORT = 587
_FIRST_PERMANENT = 500


class SmtpMail:
    """Implements Mail. One connection a message: there are few."""

    def __init__(self, url: str) -> None:
        """``smtp://user:password@host:587``, encrypted where the server can, or ``smtps://``, encrypted throughout."""
        parts = urlsplit(url)
        self._encrypted = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (_SMTPS_PORT if self._encrypted else _SUBMISSION_PORT)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._encrypted,
                # A password never goes over an open line.
                start_tls=None if not self._encrypted and self._password is None else not self._encrypted,
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise MailError("mail_recipient_refused", refused=all(_is_final(one) for one in error.recipients)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise MailError(f"mail_refused_{error.code}", refused=error.code >= _FIRST_PERMANENT) from None
        except (aiosmtplib.SMTPException, OSError):
            raise MailError("mail_unreachable", refused=False) from None


def _is_final(refusal: aiosmtplib.SMTPRecipientRefused) -> bool:
    return refusal.code >= _FIRST_PERMANENT

"""Close's e-mail activities and ours, in both directions. Pure."""

from email.utils import parseaddr
from html import escape

from msgspec import UNSET

from crm.close.mails import EmailDraft
from crm.close.records import EmailActivity
from crm.mail import OutgoingMail, RemoteMail
from storage import email_address

_OF_SENDERS = frozenset({"SMTPSenderRefused", "SMTPAuthenticationError"})
"""Of a server's refusals those that every message of this sender meets."""


def draft(mail: OutgoingMail, lead_id: str, contact_id: str | None) -> EmailDraft:
    return EmailDraft(
        lead_id=lead_id,
        contact_id=contact_id or UNSET,
        status="outbox" if mail.send else "draft",
        to=(mail.to,),
        subject=mail.subject,
        body_text=mail.text,
        body_html=as_html(mail.text),
        sender=mail.sender or UNSET,
        in_reply_to_id=mail.reply_to or UNSET,
    )


def as_html(text: str) -> str:
    """Plain text as paragraphs with its lines, escaped; an address on a line of its own is a link."""
    return "".join(
        f"<p>{'<br>'.join(map(_line, part.splitlines()))}</p>" for part in text.split("\n\n") if part.strip()
    )


def remote(found: EmailActivity) -> RemoteMail | None:
    """None: it has no time, or is in a state nobody documents."""
    at = found.date_sent or found.activity_at or found.date_created
    if at is None or found.status is None:
        return None
    sender = found.sender or (found.envelope.from_[0].email if found.envelope and found.envelope.from_ else None)
    return RemoteMail(
        external_id=found.id,
        at=at,
        status=found.status,
        is_incoming=found.status == "inbox" or found.direction == "incoming",
        contact_id=found.contact_id,
        thread_id=found.thread_id,
        from_address=email_address.normalised(parseaddr(sender)[1]) if sender else None,
        to=tuple(filter(None, (email_address.normalised(parseaddr(entry)[1]) for entry in found.to))),
        subject=found.subject or "",
        text=found.body_text or found.body_html or "",
        is_automatic=bool(found.envelope and found.envelope.is_autoreply),
        sender_refused=bool(found.send_attempts) and found.send_attempts[-1].error_class in _OF_SENDERS,
    )


def _line(text: str) -> str:
    if text.startswith(("https://", "http://")) and " " not in text:
        return f'<a href="{escape(text)}">{escape(text)}</a>'
    return escape(text, quote=False)

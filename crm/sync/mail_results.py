"""What became of a campaign's messages, from the mail that came and went with a record. Pure.

Close tells of a bounce as every mailbox does: by a message of the postmaster's in the thread.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from crm.mail import RemoteMail
from crm.sync.mail_words import is_automatic, wants_no_more
from storage.campaigns.mails import EnteredMail

_POSTMASTERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "bounce", "bounces"})
_STILL_TRIES = re.compile(
    r"^(delayed mail|(mail |message )?delivery (is )?delayed|delivery status notification \(delay\)"
    r"|warning: (message \S+ delayed|could not send message for))",
    re.IGNORECASE,
)
"""Subjects of Postfix, Exchange, Gmail, Exim and Sendmail; what follows them may be ours."""


class Went(Struct, frozen=True):
    """What was a draft was sent."""

    message_id: UUID
    at: datetime


class WentNot(Struct, frozen=True):
    """``reason``: ``not_sent``, the CRM could not; ``sender_refused``, no server takes mail of this sender;
    ``discarded``, somebody deleted the draft."""

    message_id: UUID
    reason: Literal["not_sent", "sender_refused", "discarded"]


class Answered(Struct, frozen=True):
    """``address``: whose, of a bounce or a wish to get no more."""

    campaign_id: UUID
    lead_id: UUID
    kind: Literal["replied", "bounced", "unsubscribed"]
    at: datetime
    address: str | None = None


class AnsweredAnother(Struct, frozen=True):
    """They answered another campaign of ours, which is no result of this one: it only writes to them no more."""

    campaign_id: UUID
    lead_id: UUID
    at: datetime


Finding = Went | WentNot | Answered | AnsweredAnother


def is_marked(mail: RemoteMail, mark: str) -> bool:
    """Whether it is ours with this mark."""
    return not mail.is_incoming and mark in mail.text


def last_written(there: Iterable[RemoteMail], address: str | None) -> datetime | None:
    """When somebody of this address last wrote, themselves, to whomever it was."""
    theirs = (mail for mail in there if mail.is_incoming and mail.from_address == address)
    return max((mail.at for mail in theirs if not _is_automatic(mail)), default=None)


def findings(ours: Sequence[EnteredMail], there: Iterable[RemoteMail]) -> tuple[Finding, ...]:
    """``there``: all messages of the record since the first of ``ours`` was entered. Repeats what is known already."""
    mails = {mail.external_id: mail for mail in there}
    incoming = sorted((mail for mail in mails.values() if mail.is_incoming), key=lambda mail: mail.at)
    threads = {mails[mine.mail_id].thread_id for mine in ours if mine.mail_id in mails}
    found: list[Finding] = []
    for mine in ours:
        sent = mails.get(mine.mail_id)
        went = _went(mine, sent)
        if went is not None:
            found.append(went)
        # By the CRM's own clock, as what came in is.
        sent_at = sent.at if sent is not None and sent.status == "sent" else mine.sent_at
        if sent_at is None or isinstance(went, WentNot):
            continue
        for mail in incoming:
            if mail.at >= sent_at:
                found += _answers(mine, sent, mail, threads)
    return tuple(found)


def _went(mine: EnteredMail, sent: RemoteMail | None) -> Went | WentNot | None:
    if sent is None:
        return WentNot(mine.id, "discarded") if mine.status == "entered" else None
    if sent.status == "error":
        reason: Literal["not_sent", "sender_refused"] = "sender_refused" if sent.sender_refused else "not_sent"
        return WentNot(mine.id, reason) if mine.status != "failed" else None
    return Went(mine.id, sent.at) if sent.status == "sent" and mine.status == "entered" else None


def _answers(
    mine: EnteredMail, sent: RemoteMail | None, mail: RemoteMail, threads: Collection[str | None]
) -> list[Answered | AnsweredAnother]:
    """``threads``: of all our messages."""
    in_thread = sent is not None and sent.thread_id is not None and mail.thread_id == sent.thread_id
    about = (mine.campaign_id, mine.lead_id)
    if (mail.from_address or "").partition("@")[0] in _POSTMASTERS:
        if _STILL_TRIES.match(mail.subject):
            return []
        is_his = mine.contact_email is not None and mine.contact_email in mail.text.lower()
        return [Answered(*about, "bounced", mail.at, mine.contact_email)] if in_thread or is_his else []
    if not in_thread and (
        mail.from_address is None or mail.from_address not in (mine.contact_email, *mine.further_emails)
    ):
        return []
    if _is_automatic(mail):
        return []
    if not in_thread and mail.thread_id is not None and mail.thread_id in threads:
        return [AnsweredAnother(*about, mail.at)]
    answers: list[Answered | AnsweredAnother] = [Answered(*about, "replied", mail.at)]
    if wants_no_more(mail.text):
        answers.append(Answered(*about, "unsubscribed", mail.at, mine.contact_email))
    return answers


def _is_automatic(mail: RemoteMail) -> bool:
    return mail.is_automatic or is_automatic(mail.subject)

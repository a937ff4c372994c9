"""Finding contacts: the query that Close is asked, and a second look at what its index found."""

import re

from crm.close import query as q
from crm.close.records import Contact, Lead
from crm.contact import ContactQuery
from storage import email_address

_WORD = re.compile(r"\w+")


def sharpened(query: ContactQuery) -> ContactQuery:
    """A text that is an e-mail address is looked for as one."""
    if query.emails:
        return query
    address = email_address.normalised(query.text)
    return ContactQuery(emails=(address,), limit=query.limit) if address else query


def query_for(query: ContactQuery) -> q.Query:
    if query.emails:
        return q.both(
            q.objects("lead"),
            q.either([q.lead_with_email(email_address.normalised(address) or address) for address in query.emails]),
        )
    return q.both(q.objects("lead"), q.lead_with_words(query.text))


def matches(contact: Contact, lead: Lead, query: ContactQuery) -> bool:
    """For words: every contact of a lead whose own name has them, else those whose names do."""
    if query.emails:
        wanted = {email_address.normalised(address) for address in query.emails}
        return any(email_address.normalised(entry.email) in wanted for entry in contact.emails)
    return _has_words(lead.name, query.text) or _has_words(contact.name, query.text)


def _has_words(text: str | None, words: str) -> bool:
    present = _WORD.findall((text or "").lower())
    return all(any(word.startswith(wanted) for word in present) for wanted in _WORD.findall(words.lower()))

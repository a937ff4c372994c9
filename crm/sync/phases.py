"""What a run does, step by step: decided from what was asked for and what the provider can do."""

from collections.abc import Awaitable, Callable
from functools import partial

from crm.errors import GiveUp
from crm.linkedin.scraper import LinkedInScraper
from crm.provider import Capability, Provider
from crm.sync import enrichment
from crm.sync.feed import read_feed
from crm.sync.filtered import import_filtered
from crm.sync.listing import list_all, list_recent
from crm.sync.reading import work_inbox
from crm.sync.run import Run
from crm.sync.sending import work_outbox
from storage.crm.sync_runs import SyncRun

Phase = Callable[[Run, Provider], Awaitable[None]]
GATES = frozenset({"check"})
"""Without it nothing else is to be tried."""

OTHER_ACCOUNT = "other_account"
"""The code of a key that opens records we know nothing of."""


def phases_of(noted: SyncRun, provider: Provider, scraper: LinkedInScraper | None) -> list[tuple[str, Phase]]:
    """Names and work, in order."""
    can = provider.capabilities
    if Capability.LIST not in can:
        if noted.trigger == "change":
            return []  # nothing waits there to be read or sent, and to ask about everybody costs credits
        return [("enrich", partial(enrichment.enrich, filters=noted.filters, scraper=scraper))]
    if noted.filters:
        return [("check", _check), ("import", partial(import_filtered, raw=noted.filters))]
    if noted.trigger == "change":
        return [("check", _check), ("inbox", work_inbox), ("outbox", work_outbox)]
    importing: list[tuple[str, Phase]] = [
        ("listing", partial(list_all, asked_at=noted.created_at if noted.mode == "full" else None)),
        ("feed", read_feed if Capability.CHANGES in can else list_recent),
        ("inbox", work_inbox),
    ]
    return [
        ("check", _check),
        *(importing if noted.operation != "export" else []),
        *([("outbox", work_outbox)] if noted.operation != "import" else []),
    ]


async def _check(run: Run, provider: Provider) -> None:
    """Before anything is believed to be gone: that this is the CRM, lets us in, and has the records that we know."""
    account = await provider.check()
    if (known := await run.store.accounts.other(run.platform, account.ids)) is not None:
        raise GiveUp(OTHER_ACCOUNT, f"the key is of {account.name}, and {known} is known here", platform=run.platform)
    await run.store.accounts.note(run.platform, account.ids, account.name, now=run.now())
    # Without our references known, what we made ourselves would look like somebody else's.
    await provider.prepare()

"""The repositories a sync works on."""

from msgspec import Struct

from storage.calls.outbound import OutboundCalls
from storage.calls.recordings import CallRecordings
from storage.campaigns.sending import CampaignSending
from storage.conversations.conversations import Conversations
from storage.crm.accounts import CrmAccounts
from storage.crm.backlog import CrmBacklogs
from storage.crm.conflicts import CrmConflicts
from storage.crm.contacts import CrmContacts
from storage.crm.dead_letters import CrmDeadLetters
from storage.crm.inbox import CrmInbox
from storage.crm.opportunities import CrmOpportunities
from storage.crm.outbox import CrmOutbox
from storage.crm.sync_runs import CrmSyncRuns
from storage.crm.sync_state import CrmSyncState
from storage.erasure.digests import ErasedPeople
from storage.leads.leads import Leads
from storage.postgres.database import Database


class SyncStore(Struct, frozen=True):
    """Everything the sync keeps, in one database."""

    database: Database
    accounts: CrmAccounts
    backlogs: CrmBacklogs
    contacts: CrmContacts
    conflicts: CrmConflicts
    dead_letters: CrmDeadLetters
    inbox: CrmInbox
    outbox: CrmOutbox
    opportunities: CrmOpportunities
    runs: CrmSyncRuns
    state: CrmSyncState
    conversations: Conversations
    calls: OutboundCalls
    leads: Leads
    recordings: CallRecordings
    campaigns: CampaignSending
    erased: ErasedPeople | None = None


def sync_store(database: Database, erased: ErasedPeople | None = None) -> SyncStore:
    """``erased``: who is not taken in again; None: that is not known here."""
    return SyncStore(
        database=database,
        accounts=CrmAccounts(database),
        backlogs=CrmBacklogs(database),
        contacts=CrmContacts(database),
        conflicts=CrmConflicts(database),
        dead_letters=CrmDeadLetters(database),
        inbox=CrmInbox(database),
        outbox=CrmOutbox(database),
        opportunities=CrmOpportunities(database),
        runs=CrmSyncRuns(database),
        state=CrmSyncState(database),
        conversations=Conversations(database),
        calls=OutboundCalls(database),
        leads=Leads(database),
        recordings=CallRecordings(database),
        campaigns=CampaignSending(database),
        erased=erased,
    )

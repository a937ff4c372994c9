"""What becomes of the tables that are no ``Place`` when somebody is erased. A test holds ``places`` and this against
the schema and the queries: who adds a table or a column says in one of the two what it has of a person."""

from typing import Final

from msgspec import Struct

ALL: Final = "*"
"""Whole rows go, whatever columns come later."""


class Fate(Struct, frozen=True, kw_only=True):
    """``erased`` and ``kept`` name columns, apart by spaces; ``why`` those of ``kept`` stay. ``by``: the query that
    erases them, or the table whose rows take these with them."""

    erased: str = ""
    by: str = ""
    kept: str = ""
    why: str = ""


FATES: Final[dict[str, Fate]] = {
    # Erased by parts of their own
    "booking_moves": Fate(erased=ALL, by="bookings"),
    "do_not_call": Fate(erased=ALL, by="erasure_forget_numbers"),
    "lead_emails": Fate(erased=ALL, by="leads"),
    # Numbers without the person
    "conversation_turns": Fate(
        kept="conversation_id item_id response_latency_ms timings created_at channel",
        why="how fast answers came: numbers, and names of engines",
    ),
    "call_sums": Fate(
        kept="hour status code quarter_1 quarter_2 quarter_3 quarter_4",
        why="how many calls there were, and how they ended",
    ),
    "call_recordings": Fate(
        kept="id conversation_id state error_code refused key started_at offset_ms duration_ms bytes created_at"
        " updated_at deleted_at",
        why="that there was a recording; its sound goes from the store",
    ),
    # The sync must know its records again
    "crm_contacts": Fate(
        erased="lead_id email first_name last_name company title phone linkedin_url further_emails further_phones"
        " address_types enrichment_data field_times base writing refused enriched_at",
        by="erasure_contacts",
        kept="id crm_platform external_id parent_id reference remote_updated_at create_tried_at version deleted_at"
        " deleted_by last_synced_at created_at updated_at erased",
        why="which record at the CRM it was, so that no sync brings it back",
    ),
    "crm_outbox": Fate(
        erased="payload error",
        by="erasure_outbox",
        kept="id platform kind subject reference state generation attempts tried_at due_at created_at done_at"
        " external_id urgent",
        why="that something was entered at the CRM is what keeps it from being entered again",
    ),
    "crm_aliases": Fate(kept="platform old_id new_id noted_at", why="names of companies' records at the CRM"),
    "crm_inbox": Fate(
        kept="platform kind external_id generation attempts due_at noted_at", why="names of records to look at again"
    ),
    "crm_listed": Fate(kept="platform listing_id external_id", why="names of records; goes with the listing"),
    "crm_webhook_events": Fate(kept="platform event_id event_at received_at", why="names of events"),
    "mail_suppressions": Fate(
        kept="address_hash reason created_at", why="whom no campaign writes to again, by hashes of addresses"
    ),
    # The erasure itself
    "erasures": Fate(
        erased="subject person conversation_id",
        by="erasure_finish",
        kept="id status source crm requested_by digests steps counts waits_for turn run_until due_at created_at"
        " updated_at finished_at",
        why="the proof, by keyed hashes",
    ),
    "erased_people": Fate(kept="digest do_not_call crm erased_at", why="whom not to call again, by keyed hashes"),
    # Nobody's
    "encryption_keys": Fate(kept="fingerprint noted_at", why="which keys were used, by hashes of them"),
    "conversation_claims": Fate(kept="conversation_id fence noticed released", why="numbers of holders"),
    "conversation_presence": Fate(kept="conversation_id seen_at", why="goes a minute after a conversation's end"),
    "livekit_rooms": Fate(
        kept="room_sid room metadata server agent_name seen_at dispatches", why="goes with the end of the call"
    ),
    "campaigns": Fate(
        kept="id name channel goal agent audience budget_usd status reason wanted send sending per_hour held_code"
        " variants follow_up_days released_at created_at updated_at",
        why="the operator's words; an audience is a filter or ids of leads",
    ),
    "call_lists": Fate(
        kept="id name purpose agent audience status reason hours per_hour at_once attempts retry_after_minutes"
        " started_by base_url called_at hold_until archived_at created_at updated_at",
        why="the operator's words; an audience is a filter",
    ),
    "documents": Fate(
        kept="id name media_type size_bytes digest replaces status error_code error_message pages text content readings"
        " read_until created_at updated_at",
        why="about products; delete a document that tells of a person by hand",
    ),
    "agent_profiles": Fate(
        kept="slug version facts created_at updated_at updated_by", why="who the operator's agent is"
    ),
    "agent_profile_versions": Fate(kept="slug version facts saved_at saved_by", why="who the operator's agent was"),
    "knowledge_topics": Fate(
        kept="id title text created_at updated_at document_id document_position", why="about products"
    ),
    "knowledge_revision": Fate(kept="only_row revision", why="a number"),
    "api_keys": Fate(
        kept="id name prefix hash scopes created_at last_used_at revoked_at", why="the operator's own programs"
    ),
    "crm_credentials": Fate(
        kept="platform account api_key access_token refresh_token expires_at scopes is_active version created_at"
        " updated_at",
        why="keys of the operator's accounts",
    ),
    "daily_counts": Fate(kept="name day used", why="how much of a day's allowance is used"),
    "crm_accounts": Fate(kept="platform ids name noted_at", why="the operator's accounts"),
    "crm_sync_state": Fate(
        kept="platform lease_owner lease_until feed_cursor feed_read_at listing_id listing_cursor listing_started_at"
        " listing_done listed_at watermark clock_offset_s enrich_after webhook webhook_checked_at",
        why="where syncs go on",
    ),
    "webhook_endpoints": Fate(
        kept="id url description events include_words enabled disabled_reason failing_since hold_until secret"
        " old_secret old_secret_until created_at updated_at",
        why="the operator's own programs",
    ),
    "webhook_hours": Fate(kept="endpoint_id hour delivered failed", why="sums over everybody"),
    "dial_pace": Fate(kept="account next_at", why="when the next call is due"),
    "agent_daily": Fate(kept="day agent_type runs failed latency_ms cost_usd", why="sums over everybody"),
    "usage_daily": Fate(
        kept="day kind provider model within calls failed unpriced prompt_tokens cached_tokens completion_tokens"
        " audio_seconds characters_spoken characters_discarded cost_usd",
        why="sums over everybody",
    ),
    "turn_daily": Fate(kept="day spoken channel stage provider bucket turns", why="sums over everybody"),
    "schema_migrations": Fate(kept="number name checksum applied_at", why="the schema's own"),
    "procrastinate_jobs": Fate(
        kept="id queue_name task_name priority lock queueing_lock args status scheduled_at attempts abort_requested"
        " worker_id",
        why="arguments are ids of runs and names of platforms",
    ),
    "procrastinate_events": Fate(kept="id job_id type at", why="when jobs ran"),
    "procrastinate_periodic_defers": Fate(kept="id task_name defer_timestamp job_id periodic_id", why="schedules"),
    "procrastinate_workers": Fate(kept="id last_heartbeat", why="signs of life"),
}

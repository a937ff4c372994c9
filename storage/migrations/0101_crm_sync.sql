-- Contacts kept in step with CRMs, and what the sync needs to survive anything: cursors, conflicts, an inbox of records
-- to look at again, an outbox of changes to send, dead letters, and the log of its runs.

-- ``base`` holds the values both sides last agreed on and ``field_times`` when a field was last changed here: together
-- they make a three-way merge per field. ``writing`` is what a write under way sets, so that its echo is known again
-- even when its answer was lost. ``refused`` are values the CRM does not take; they are not sent again.
-- A deleted contact keeps its row and its values.
CREATE TABLE crm_contacts (
    id text PRIMARY KEY,
    crm_platform text NOT NULL,
    external_id text,
    parent_id text,
    reference text NOT NULL UNIQUE,
    lead_id uuid,
    email text,
    first_name text,
    last_name text,
    company text,
    title text,
    phone text,
    linkedin_url text,
    enrichment_data jsonb NOT NULL DEFAULT '{}',
    field_times jsonb NOT NULL DEFAULT '{}',
    base jsonb NOT NULL DEFAULT '{}',
    writing jsonb NOT NULL DEFAULT '{}',
    refused jsonb NOT NULL DEFAULT '{}',
    enriched_at jsonb NOT NULL DEFAULT '{}',
    remote_updated_at timestamptz,
    create_tried_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    deleted_at timestamptz,
    deleted_by text CHECK (deleted_by IN ('local', 'remote')),
    last_synced_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX crm_contacts_by_external_id ON crm_contacts (crm_platform, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX crm_contacts_by_parent ON crm_contacts (crm_platform, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX crm_contacts_by_email ON crm_contacts (email) WHERE email IS NOT NULL;
CREATE INDEX crm_contacts_by_linkedin_url ON crm_contacts (linkedin_url) WHERE linkedin_url IS NOT NULL;
CREATE INDEX crm_contacts_by_lead ON crm_contacts (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX crm_contacts_by_time ON crm_contacts (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX crm_contacts_by_platform ON crm_contacts (crm_platform, created_at DESC, id DESC)
    WHERE deleted_at IS NULL;

-- Another name of a record: a lead that was merged into another.
CREATE TABLE crm_aliases (
    platform text NOT NULL,
    old_id text NOT NULL,
    new_id text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, old_id)
);

-- One row for each platform. The lease says which worker syncs it; ``feed_cursor`` is where its change feed goes on,
-- the listing is a walk over everything, with its place in it.
CREATE TABLE crm_sync_state (
    platform text PRIMARY KEY,
    lease_owner text,
    lease_until timestamptz,
    feed_cursor text,
    feed_read_at timestamptz,
    listing_id text,
    listing_cursor text,
    listing_started_at timestamptz,
    listing_done integer NOT NULL DEFAULT 0,
    listed_at timestamptz,
    watermark timestamptz,
    clock_offset_s double precision,
    enrich_after text
);

-- What the listing under way has come by; the rest is looked at one by one when it ends.
CREATE TABLE crm_listed (
    platform text NOT NULL,
    listing_id text NOT NULL,
    external_id text NOT NULL,
    PRIMARY KEY (platform, listing_id, external_id)
);

-- Records that changed over there and are to be read. ``generation`` counts the calls: one that comes while the record
-- is being read is not lost.
CREATE TABLE crm_inbox (
    platform text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('parent', 'contact')),
    external_id text NOT NULL,
    generation bigint NOT NULL DEFAULT 1,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (platform, kind, external_id)
);

CREATE INDEX crm_inbox_due ON crm_inbox (platform, due_at);

CREATE TABLE crm_webhook_events (
    platform text NOT NULL,
    event_id text NOT NULL,
    event_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (platform, event_id, event_at)
);

CREATE INDEX crm_webhook_events_by_time ON crm_webhook_events (received_at);

-- Changes to send. ``contact``: bring the record over there to the state of ours, whatever that is when its turn comes;
-- ``call`` and ``note``: enter one activity. ``reference`` names the effect for good: it happens once.
CREATE TABLE crm_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('contact', 'call', 'note')),
    subject text NOT NULL,
    reference text NOT NULL UNIQUE,
    payload jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'skipped', 'dead')),
    generation bigint NOT NULL DEFAULT 1,
    attempts integer NOT NULL DEFAULT 0,
    tried_at timestamptz,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    external_id text,
    error text
);

CREATE INDEX crm_outbox_due ON crm_outbox (platform, due_at, id) WHERE state = 'pending';
CREATE INDEX crm_outbox_done ON crm_outbox (done_at) WHERE state IN ('done', 'skipped');

CREATE TABLE crm_dead_letters (
    key text PRIMARY KEY,
    platform text NOT NULL,
    reason text NOT NULL,
    payload jsonb NOT NULL,
    attempts integer NOT NULL,
    state text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'replayed', 'discarded')),
    created_at timestamptz NOT NULL,
    settled_at timestamptz
);

CREATE INDEX crm_dead_letters_by_time ON crm_dead_letters (created_at DESC, key DESC);

-- Both values are kept, whoever won.
CREATE TABLE crm_conflicts (
    id text PRIMARY KEY,
    platform text NOT NULL,
    contact_id text NOT NULL REFERENCES crm_contacts (id) ON DELETE CASCADE,
    field text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('both_changed', 'cleared', 'deleted', 'refused')),
    base_value jsonb,
    local_value jsonb,
    remote_value jsonb,
    local_at timestamptz,
    remote_at timestamptz,
    winner text NOT NULL CHECK (winner IN ('local', 'remote')),
    critical boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'resolved')),
    resolution text,
    created_at timestamptz NOT NULL,
    resolved_at timestamptz
);

CREATE INDEX crm_conflicts_by_time ON crm_conflicts (created_at DESC, id DESC);
CREATE INDEX crm_conflicts_by_state ON crm_conflicts (state, created_at DESC, id DESC);
CREATE INDEX crm_conflicts_by_contact ON crm_conflicts (contact_id, state);

CREATE TABLE crm_sync_runs (
    id text PRIMARY KEY,
    platform text NOT NULL,
    operation text NOT NULL CHECK (operation IN ('import', 'export', 'bidirectional', 'enrich')),
    mode text NOT NULL DEFAULT 'incremental' CHECK (mode IN ('incremental', 'full', 'filtered')),
    trigger text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'webhook', 'change')),
    filters jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'partial', 'failed', 'interrupted')),
    phase text NOT NULL DEFAULT '',
    total integer,
    contacts_processed integer NOT NULL DEFAULT 0,
    contacts_created integer NOT NULL DEFAULT 0,
    contacts_updated integer NOT NULL DEFAULT 0,
    contacts_failed integer NOT NULL DEFAULT 0,
    errors jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    heartbeat_at timestamptz,
    completed_at timestamptz,
    duration_seconds double precision
);

CREATE INDEX crm_sync_runs_by_time ON crm_sync_runs (created_at DESC, id DESC);
CREATE INDEX crm_sync_runs_by_platform ON crm_sync_runs (platform, created_at DESC, id DESC);
CREATE INDEX crm_sync_runs_open ON crm_sync_runs (platform) WHERE status IN ('queued', 'running');

-- What a conversation led to becomes an activity over there. The entry for it is made in the very transaction that
-- records the outcome or ends the conversation, whoever does that.
CREATE FUNCTION crm_note_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)
    VALUES (
        'close', 'note', NEW.conversation_id, 'outcome:' || NEW.idempotency_key,
        jsonb_build_object('outcome', NEW.kind, 'data', NEW.data), NEW.created_at, NEW.created_at
    )
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_note_outcome AFTER INSERT ON conversation_outcomes
    FOR EACH ROW EXECUTE FUNCTION crm_note_outcome();

CREATE FUNCTION crm_log_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_outbox (platform, kind, subject, reference, due_at, created_at)
    VALUES ('close', 'call', NEW.id, 'conversation:' || NEW.id, NEW.ended_at, NEW.ended_at)
    ON CONFLICT (reference) DO NOTHING;
    RETURN NULL;
END;
$$;

-- Conversations of nobody we know are of no use to a CRM.
CREATE TRIGGER crm_log_conversation AFTER UPDATE ON conversations
    FOR EACH ROW WHEN (
        NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL
        AND (NEW.lead_id IS NOT NULL OR NEW.metadata ? 'contact_id')
    )
    EXECUTE FUNCTION crm_log_conversation();

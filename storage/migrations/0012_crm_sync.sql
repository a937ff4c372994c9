-- What the sync with CRMs needs to survive anything: cursors, an inbox of records to look at again, an outbox of
-- changes to send, dead letters, and the log of its runs.

-- One row for each platform. The lease says which worker syncs it; ``feed_cursor`` is where its change feed goes on,
-- the listing is a walk over everything, with its place in it. ``webhook``: how its subscription stood when it was last
-- looked after, ``active``, or the code of what keeps it from being so; its signature key is in crm_credentials,
-- encrypted, as the account ``webhook``.
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
    enrich_after text,
    webhook text,
    webhook_checked_at timestamptz
);

-- What the listing under way has come by; the rest is looked at one by one when it ends.
CREATE TABLE crm_listed (
    platform text NOT NULL,
    listing_id text NOT NULL,
    external_id text NOT NULL,
    PRIMARY KEY (platform, listing_id, external_id)
);

-- Records that changed over there and are to be read. ``generation`` counts the calls: one that comes while the record
-- is being read is not lost. An ``unsubscription`` is named by the hash of the address.
CREATE TABLE crm_inbox (
    platform text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('parent', 'contact', 'mail', 'unsubscription')),
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
-- ``call``, ``note`` and ``email``: enter one activity; ``opportunity``: change a deal; ``unsubscription``: of an
-- address, by its hash; ``removal``: delete what was entered with the record of somebody who was erased. ``reference``
-- names the effect for good: it happens once. ``urgent``: a conversation's call or note waits for this contact, which
-- goes before all others.
CREATE TABLE crm_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform text NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('contact', 'call', 'note', 'opportunity', 'email', 'unsubscription', 'removal')),
    subject text NOT NULL,
    reference text NOT NULL UNIQUE,
    payload jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'skipped', 'dead')),
    urgent boolean NOT NULL DEFAULT false,
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
CREATE INDEX crm_outbox_in_turn ON crm_outbox (platform, kind, urgent DESC, due_at, id) WHERE state = 'pending';
CREATE INDEX crm_outbox_pressing ON crm_outbox (platform, due_at)
    WHERE state = 'pending' AND (urgent OR kind <> 'contact');
CREATE INDEX crm_outbox_done ON crm_outbox (done_at) WHERE state IN ('done', 'skipped');

-- Whoever puts something into the outbox, a worker hears of it when that is committed, and need not look every minute.
CREATE FUNCTION crm_outbox_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('crm_outbox', NEW.platform);
    RETURN NULL;
END;
$$;

CREATE TRIGGER crm_outbox_told AFTER INSERT ON crm_outbox FOR EACH ROW EXECUTE FUNCTION crm_outbox_told();

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
CREATE INDEX crm_dead_letters_by_state ON crm_dead_letters (state, created_at DESC, key DESC);
CREATE INDEX crm_dead_letters_by_platform ON crm_dead_letters (platform, created_at DESC, key DESC);
CREATE INDEX crm_dead_letters_by_platform_state ON crm_dead_letters (platform, state, created_at DESC, key DESC);

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
CREATE INDEX crm_sync_runs_by_status ON crm_sync_runs (status, created_at DESC, id DESC);
CREATE INDEX crm_sync_runs_by_platform ON crm_sync_runs (platform, created_at DESC, id DESC);
CREATE INDEX crm_sync_runs_by_platform_status ON crm_sync_runs (platform, status, created_at DESC, id DESC);
CREATE INDEX crm_sync_runs_open ON crm_sync_runs (platform) WHERE status IN ('queued', 'running');
-- How a sync stands: its latest run but for those of single changes, of which there are many, and its latest success.
CREATE INDEX crm_sync_runs_latest ON crm_sync_runs (platform, created_at DESC, id DESC) WHERE trigger <> 'change';
CREATE INDEX crm_sync_runs_success ON crm_sync_runs (platform, completed_at DESC) WHERE status = 'completed';

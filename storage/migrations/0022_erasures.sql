-- People whose data is erased: the requests, the proof, and what must be known of them afterwards, by keyed hashes
-- alone.

-- ``subject`` and ``person`` say who it is, and are emptied when it is done; ``digests`` stay. ``steps`` are those done
-- since the person was last looked for. ``counts`` is what went, by kind; ``waits_for`` why it does not go on by
-- itself.
CREATE TABLE erasures (
    id text PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('requested', 'queued', 'waiting', 'running', 'finished', 'dismissed')),
    source text NOT NULL CHECK (source IN ('operator', 'caller')),
    subject jsonb,
    person jsonb,
    crm text NOT NULL CHECK (crm IN ('delete', 'keep')),
    requested_by text,
    conversation_id text,
    digests bytea[] NOT NULL DEFAULT '{}',
    steps text[] NOT NULL DEFAULT '{}',
    counts jsonb NOT NULL DEFAULT '{}',
    waits_for text,
    turn bigint NOT NULL DEFAULT 0,
    run_until timestamptz NOT NULL DEFAULT '-infinity',
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE INDEX erasures_by_time ON erasures (created_at DESC, id DESC);
CREATE INDEX erasures_by_status ON erasures (status, created_at DESC, id DESC);
CREATE INDEX erasures_due ON erasures (due_at) WHERE status IN ('queued', 'waiting', 'running');
CREATE UNIQUE INDEX erasures_one_at_a_time ON erasures (subject) WHERE status IN ('queued', 'waiting', 'running');
-- A wish that is said twice is one request.
CREATE UNIQUE INDEX erasures_one_request ON erasures (conversation_id) WHERE status = 'requested';

-- A number or address of somebody who was erased: whether it may be called, and what the sync does with records at a
-- CRM that have it and are older.
CREATE TABLE erased_people (
    digest bytea PRIMARY KEY,
    do_not_call boolean NOT NULL,
    crm text NOT NULL CHECK (crm IN ('delete', 'keep')),
    erased_at timestamptz NOT NULL
);

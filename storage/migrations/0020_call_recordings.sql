-- What was recorded of calls: one row a connection of a conversation that had sound. The sound itself is in the store.

CREATE TABLE call_recordings (
    id text PRIMARY KEY,
    -- Not a reference: conversations are written behind their calls, and a recording may be there first.
    conversation_id text NOT NULL,
    -- recording: the call goes on · processing: it is encoded · ready · failed: there is none · deleted
    state text NOT NULL CHECK (state IN ('recording', 'processing', 'ready', 'failed', 'deleted')),
    error_code text,
    -- The caller did not want it; no later part of the conversation is recorded, either.
    refused boolean NOT NULL DEFAULT false,
    key text,
    -- When the session's clock began, and where on it the recording does.
    started_at timestamptz NOT NULL,
    offset_ms integer,
    duration_ms integer,
    bytes bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);

CREATE INDEX call_recordings_of_conversation ON call_recordings (conversation_id, started_at);
CREATE INDEX call_recordings_by_age ON call_recordings (started_at) WHERE deleted_at IS NULL;

-- Conversations, what was said in them, and how fast the answers came.

CREATE TABLE conversations (
    id text PRIMARY KEY,
    channel text NOT NULL CHECK (channel IN ('websocket', 'webrtc', 'phone', 'widget', 'api', 'terminal')),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed', 'dropped')),
    session jsonb NOT NULL DEFAULT '{}',
    lead_id uuid,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz
);

-- A list is paged by (created_at, id). Each filter the product offers has an index whose order is the list's, so a
-- page reads exactly its own rows, at any depth and for any mix of values.
CREATE INDEX conversations_by_time ON conversations (created_at DESC, id DESC);
CREATE INDEX conversations_by_status ON conversations (status, created_at DESC, id DESC);
CREATE INDEX conversations_by_channel ON conversations (channel, created_at DESC, id DESC);
CREATE INDEX conversations_by_channel_status ON conversations (channel, status, created_at DESC, id DESC);
CREATE INDEX conversations_by_lead ON conversations (lead_id, created_at DESC, id DESC) WHERE lead_id IS NOT NULL;

-- The columns have the names of storage.records.ItemRecord.
CREATE TABLE conversation_items (
    conversation_id text NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    id text NOT NULL,
    position double precision NOT NULL,
    type text NOT NULL,
    role text,
    status text NOT NULL,
    channel text,
    modality text,
    content jsonb NOT NULL DEFAULT '[]',
    generated_text text NOT NULL DEFAULT '',
    synthesised_text text NOT NULL DEFAULT '',
    sent_text text NOT NULL DEFAULT '',
    heard_text text NOT NULL DEFAULT '',
    audio_ms double precision,
    heard_ms double precision,
    call_id text,
    name text,
    arguments text,
    output text,
    intent text,
    intent_confidence double precision,
    deleted boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, id)
)
-- An item being spoken is rewritten several times a second; room on its page and no index on what changes keep those
-- updates heap-only.
WITH (fillfactor = 70);

CREATE TABLE conversation_turns (
    conversation_id text NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    item_id text NOT NULL,
    response_latency_ms double precision,
    timings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, item_id)
);

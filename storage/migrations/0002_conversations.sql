-- Conversations, what was said in them, how fast the answers came, and what they led to.

-- ``agent``: who talked, a profile's slug. ``words_gone_at``: its words are gone, erased or past their time, and
-- nothing is written into it any more. ``failed``: a mistake of the server's broke it off.
CREATE TABLE conversations (
    id text PRIMARY KEY,
    channel text NOT NULL CHECK (channel IN ('websocket', 'webrtc', 'phone', 'widget', 'api', 'terminal')),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed', 'dropped', 'failed')),
    agent text,
    session jsonb NOT NULL DEFAULT '{}',
    lead_id uuid,
    metadata jsonb NOT NULL DEFAULT '{}',
    words_gone_at timestamptz,
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
CREATE INDEX conversations_by_agent ON conversations (agent, created_at DESC, id DESC) WHERE agent IS NOT NULL;
CREATE INDEX conversations_by_lead ON conversations (lead_id, created_at DESC, id DESC) WHERE lead_id IS NOT NULL;
CREATE INDEX conversations_of_callers ON conversations ((metadata ->> 'calls_from')) WHERE metadata ? 'calls_from';
CREATE INDEX conversations_of_contacts ON conversations ((metadata ->> 'contact_id')) WHERE metadata ? 'contact_id';
CREATE INDEX conversations_with_words ON conversations (ended_at) WHERE words_gone_at IS NULL AND ended_at IS NOT NULL;

-- Whom in a conversation nothing tells but their own words: a page's visitor, or who calls from a withheld number.
CREATE FUNCTION is_strangers(talk conversations) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        talk.metadata ? 'visitor'
        OR talk.channel = 'phone' AND talk.metadata ->> 'direction' IS DISTINCT FROM 'outbound'
            AND coalesce(talk.metadata ->> 'calls_from', '') !~ '^\+?[0-9]{7,15}$',
        false
    )
$$;

-- The columns have the names of storage.conversations.records.ItemRecord. ``word_ends``: where the words of a reply lie
-- in its audio, so that a client that comes back later can still tell to the word what it played. ``own_tool``: a call
-- of one of the server's own tools, which is run again if it was running when a process died. ``said_by``: a person's
-- words in the agent's voice.
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
    word_ends jsonb NOT NULL DEFAULT '[]',
    call_id text,
    name text,
    arguments text,
    output text,
    own_tool boolean NOT NULL DEFAULT false,
    said_by text,
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

-- How a caller began, by which a list tells one conversation from another.
CREATE INDEX conversation_items_of_callers ON conversation_items (conversation_id, position) WHERE role = 'user';
-- A conversation is continued from its latest items, however many there are.
CREATE INDEX conversation_items_in_order ON conversation_items (conversation_id, position) WHERE NOT deleted;

-- ``channel`` is its conversation's, which never changes; here, so that the slowest of one channel are found by an
-- index.
CREATE TABLE conversation_turns (
    conversation_id text NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    item_id text NOT NULL,
    channel text NOT NULL,
    response_latency_ms double precision,
    timings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, item_id)
);

CREATE FUNCTION set_turn_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT channel INTO NEW.channel FROM conversations WHERE id = NEW.conversation_id;
    RETURN NEW;
END;
$$;

CREATE TRIGGER channel_of_new BEFORE INSERT ON conversation_turns
    FOR EACH ROW WHEN (NEW.channel IS NULL) EXECUTE FUNCTION set_turn_channel();

-- Conversations that some process is holding, with its last sign of life. A row of its own and a narrow one: it is
-- written every few seconds.
CREATE TABLE conversation_presence (
    conversation_id text PRIMARY KEY,
    seen_at timestamptz NOT NULL
)
WITH (fillfactor = 50);
CREATE INDEX conversation_presence_by_time ON conversation_presence (seen_at);

-- Who may go on with a conversation that was continued: each continuation takes the next number, and only the latest
-- holder may change the conversation. One that was never continued has no row; its holder has number 0.
CREATE TABLE conversation_claims (
    conversation_id text PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    fence bigint NOT NULL DEFAULT 1,
    -- The holder before noticed, and is writing its last.
    noticed bigint NOT NULL DEFAULT -1,
    -- It has written it.
    released bigint NOT NULL DEFAULT -1
)
WITH (fillfactor = 70);

-- What conversations led to: meetings, opt-outs, hand-overs, what was learned of a lead. Written once for each call of
-- a tool, whatever runs twice. No foreign key: the conversation's own row is written behind it and may come a moment
-- later.
CREATE TABLE conversation_outcomes (
    idempotency_key text PRIMARY KEY,
    conversation_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('meeting', 'opt_out', 'handoff', 'lead_update')),
    data jsonb NOT NULL,
    lead_id uuid,
    created_at timestamptz NOT NULL
);

CREATE INDEX conversation_outcomes_by_conversation ON conversation_outcomes (conversation_id, created_at);
CREATE INDEX conversation_outcomes_by_lead ON conversation_outcomes (lead_id) WHERE lead_id IS NOT NULL;
-- Who in a conversation that is open waits for a person is looked up every few seconds.
CREATE INDEX conversation_outcomes_handoffs ON conversation_outcomes (created_at) WHERE kind = 'handoff';

-- A conversation's row that comes after an outcome takes the lead from there. It waits for an outcome that is being
-- written, by the lock that outcomes hold (``outcome_lock_conversation``), and an outcome for it: else neither
-- transaction sees the other, and the row stands without its lead.
CREATE FUNCTION conversation_takes_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(5273, hashtext(NEW.id));
    NEW.lead_id := (
        SELECT lead_id FROM conversation_outcomes
        WHERE conversation_id = NEW.id AND lead_id IS NOT NULL
        ORDER BY created_at DESC LIMIT 1
    );
    RETURN NEW;
END;
$$;

CREATE TRIGGER conversation_takes_lead BEFORE INSERT ON conversations
    FOR EACH ROW WHEN (NEW.lead_id IS NULL) EXECUTE FUNCTION conversation_takes_lead();

-- What a person beside the agent did.
CREATE TABLE operator_acts (
    id text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    kind text NOT NULL,
    key_id text,
    key_name text,
    name text,
    text text,
    created_at timestamptz NOT NULL
);

CREATE INDEX operator_acts_of_conversation ON operator_acts (conversation_id, created_at);

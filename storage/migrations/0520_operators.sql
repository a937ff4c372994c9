-- A person beside the agent: whose words an item is, and what they did.
ALTER TABLE conversation_items ADD COLUMN said_by text;

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

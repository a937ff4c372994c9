-- Conversations that some process is holding, with its last sign of life. A row of its own and a narrow one: it is
-- written every few seconds.
CREATE TABLE conversation_presence (
    conversation_id text PRIMARY KEY,
    seen_at timestamptz NOT NULL
)
WITH (fillfactor = 50);
CREATE INDEX conversation_presence_by_time ON conversation_presence (seen_at);

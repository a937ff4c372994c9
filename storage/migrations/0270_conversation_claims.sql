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

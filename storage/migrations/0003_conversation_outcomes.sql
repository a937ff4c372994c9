-- What conversations led to: meetings, opt-outs, hand-overs, what was learned of a lead. Written once for each call of a
-- tool, whatever runs twice. No foreign key: the conversation's own row is written behind it and may come a moment later.
CREATE TABLE conversation_outcomes (
    idempotency_key text PRIMARY KEY,
    conversation_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('meeting', 'opt_out', 'handoff', 'lead_update')),
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX conversation_outcomes_by_conversation ON conversation_outcomes (conversation_id, created_at);

-- Two callers cannot have the same meeting time.
CREATE UNIQUE INDEX conversation_outcomes_one_meeting_a_time
    ON conversation_outcomes ((data ->> 'start')) WHERE kind = 'meeting';

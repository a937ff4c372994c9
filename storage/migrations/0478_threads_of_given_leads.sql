-- Whom a thread of an agent is about that was begun with a lead nobody keeps: by these an erasure finds it.
ALTER TABLE workflow_state
    ADD COLUMN emails text[] NOT NULL DEFAULT '{}',
    ADD COLUMN phones text[] NOT NULL DEFAULT '{}';

CREATE INDEX workflow_state_by_emails ON workflow_state USING gin (emails) WHERE emails <> '{}';
CREATE INDEX workflow_state_by_phones ON workflow_state USING gin (phones) WHERE phones <> '{}';

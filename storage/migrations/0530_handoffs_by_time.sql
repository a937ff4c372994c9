-- Who in a conversation that is open waits for a person is looked up every few seconds.
CREATE INDEX conversation_outcomes_handoffs ON conversation_outcomes (created_at) WHERE kind = 'handoff';

-- What agents ask a person, over all leads: few rows, however many threads there are.
CREATE INDEX workflow_state_waiting ON workflow_state (updated_at DESC, thread_id DESC) WHERE status = 'pending';

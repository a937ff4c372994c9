-- Runs of agents under way, one a thread. A run holds its thread until expires_at and moves that on while it lives; what
-- has expired belongs to a process that died, and whoever finds it says so and takes the thread over.
CREATE TABLE agent_runs (
    thread_id text PRIMARY KEY,
    execution_id text NOT NULL,
    agent text NOT NULL,
    lead_id uuid,
    conversation_id text,
    holder text NOT NULL,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX agent_runs_by_holder ON agent_runs (holder);
CREATE INDEX agent_runs_by_expiry ON agent_runs (expires_at);

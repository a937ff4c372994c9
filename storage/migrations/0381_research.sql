-- Whoever runs the thread is to end it.
ALTER TABLE agent_runs ADD COLUMN cancel_wanted boolean NOT NULL DEFAULT false;

-- How the runs of a research ended.
CREATE INDEX agent_executions_of_research ON agent_executions (thread_id, started_at DESC)
    WHERE agent_type = 'research';

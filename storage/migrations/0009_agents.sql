-- Agents at work, what they need not ask for twice, and who they are.

-- Runs under way, one a thread. A run holds its thread until ``expires_at`` and moves that on while it lives; what has
-- expired belongs to a process that died, and whoever finds it says so and takes the thread over. ``cancel_wanted``:
-- whoever runs the thread is to end it.
CREATE TABLE agent_runs (
    thread_id text PRIMARY KEY,
    execution_id text NOT NULL,
    agent text NOT NULL,
    lead_id uuid,
    conversation_id text,
    holder text NOT NULL,
    cancel_wanted boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX agent_runs_by_holder ON agent_runs (holder);
CREATE INDEX agent_runs_by_expiry ON agent_runs (expires_at);

-- What enrichment sources answered, so that nobody pays for it twice. The key is a hash of who was asked for; data is
-- null where a source knows nobody, which is kept for a shorter time.
CREATE TABLE enrichment_cache (
    source text NOT NULL,
    key text NOT NULL,
    data jsonb,
    fetched_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (source, key)
);

CREATE INDEX enrichment_cache_by_expiry ON enrichment_cache (expires_at);

-- Who the agent is, as a sales team writes it: one profile for each number, page or purpose, with every version that
-- was saved. Every process is told of a change when it is committed.
CREATE TABLE agent_profiles (
    slug text PRIMARY KEY CHECK (slug ~ '^[a-z0-9][a-z0-9-]*$'),
    version integer NOT NULL CHECK (version > 0),
    facts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- The key it was saved with.
    updated_by text
);

CREATE TABLE agent_profile_versions (
    slug text NOT NULL REFERENCES agent_profiles ON DELETE CASCADE,
    version integer NOT NULL,
    facts jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text,
    PRIMARY KEY (slug, version)
);

CREATE FUNCTION agent_profiles_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('agent_profiles', '');
    RETURN NULL;
END;
$$;

CREATE TRIGGER agent_profiles_told AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON agent_profiles
    FOR EACH STATEMENT EXECUTE FUNCTION agent_profiles_told();

-- What this product allows itself in a day where no vendor keeps the count, such as profiles read through a browser. By
-- UTC days.
CREATE TABLE daily_counts (
    name text NOT NULL,
    day date NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (name, day)
);

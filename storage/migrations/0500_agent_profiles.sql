-- Who the agent is, as a sales team writes it: one profile for each number, page or purpose, with every version that was
-- saved. Every process is told of a change when it is committed.
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

-- Who talked: a profile's slug. NULL: from before there were any.
ALTER TABLE conversations ADD COLUMN agent text;
CREATE INDEX conversations_by_agent ON conversations (agent, created_at DESC, id DESC) WHERE agent IS NOT NULL;

-- Who is to talk. NULL: whoever the call's number or the default says.
ALTER TABLE client_secrets ADD COLUMN agent text;
ALTER TABLE outbound_calls ADD COLUMN agent text;
ALTER TABLE call_lists ADD COLUMN agent text;

-- What somebody said to the questions of a profile, by the questions' keys.
ALTER TABLE leads ADD COLUMN answers jsonb NOT NULL DEFAULT '{}';

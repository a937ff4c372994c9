-- What the agent was taught while it runs. The revision tells every process that something changed.

CREATE TABLE knowledge_topics (
    id uuid PRIMARY KEY,
    title text NOT NULL CHECK (title <> ''),
    text text NOT NULL CHECK (text <> ''),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX knowledge_topics_by_title ON knowledge_topics (lower(title));

CREATE TABLE knowledge_revision (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint NOT NULL
);

INSERT INTO knowledge_revision (revision) VALUES (0);

-- Whoever changes topics holds this row until they commit: the number of topics is bounded, and revisions follow each
-- other as the changes do.
CREATE FUNCTION count_knowledge_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE knowledge_revision SET revision = revision + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER knowledge_topics_changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON knowledge_topics
FOR EACH STATEMENT EXECUTE FUNCTION count_knowledge_change();

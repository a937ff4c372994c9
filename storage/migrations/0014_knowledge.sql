-- What the agent was taught while it runs, by hand and from documents. The revision tells every process that something
-- changed.

-- Documents that were uploaded. What is in them becomes topics, which go with them.
CREATE TABLE documents (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    media_type text NOT NULL,
    size_bytes integer NOT NULL,
    digest bytea NOT NULL,
    replaces boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('processing', 'ready', 'failed')),
    error_code text,
    error_message text,
    pages integer,
    text text,
    -- The file, until it is read.
    content bytea STORAGE external,
    readings integer NOT NULL DEFAULT 0,
    -- Until then it is in the hands of the process that reads it.
    read_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX documents_by_digest ON documents (digest) WHERE status <> 'failed';
CREATE INDEX documents_by_age ON documents (created_at DESC, id DESC);
CREATE INDEX documents_to_read ON documents (created_at) WHERE status = 'processing';

CREATE TABLE knowledge_topics (
    id uuid PRIMARY KEY,
    title text NOT NULL CHECK (title <> ''),
    text text NOT NULL CHECK (text <> ''),
    document_id uuid REFERENCES documents ON DELETE CASCADE,
    document_position integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX knowledge_topics_by_title ON knowledge_topics (lower(title));
CREATE INDEX knowledge_topics_of_document ON knowledge_topics (document_id, document_position);

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

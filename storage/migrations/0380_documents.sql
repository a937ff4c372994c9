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
    content bytea,
    readings integer NOT NULL DEFAULT 0,
    -- Until then it is in the hands of the process that reads it.
    read_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

ALTER TABLE documents ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE UNIQUE INDEX documents_by_digest ON documents (digest) WHERE status <> 'failed';
CREATE INDEX documents_by_age ON documents (created_at DESC, id DESC);
CREATE INDEX documents_to_read ON documents (created_at) WHERE status = 'processing';

ALTER TABLE knowledge_topics
    ADD COLUMN document_id uuid REFERENCES documents ON DELETE CASCADE,
    ADD COLUMN document_position integer;

CREATE INDEX knowledge_topics_of_document ON knowledge_topics (document_id, document_position);

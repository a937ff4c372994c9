-- count_documents --
SELECT count(*) FROM documents

-- insert_document --
-- Nothing is returned when the same file is there.
INSERT INTO documents (
    id, name, media_type, size_bytes, digest, replaces, status, content, read_until, created_at, updated_at
) VALUES (
    %(id)s, %(name)s, %(media_type)s, %(size_bytes)s, %(digest)s, %(replaces)s, 'processing', %(content)s,
    %(now)s, %(now)s, %(now)s
)
ON CONFLICT (digest) WHERE status <> 'failed' DO NOTHING
RETURNING id

-- name_of_digest --
SELECT name FROM documents WHERE digest = %(digest)s AND status <> 'failed'

-- select_document --
SELECT
    id, name, media_type, size_bytes, status, error_code, error_message, pages, length(text) AS characters,
    (SELECT count(*) FROM knowledge_topics AS topic WHERE topic.document_id = document.id) AS topics,
    created_at, updated_at
FROM documents AS document
WHERE id = %(id)s

-- list_documents --
-- plan: each time
SELECT
    id, name, media_type, size_bytes, status, error_code, error_message, pages, length(text) AS characters,
    (SELECT count(*) FROM knowledge_topics AS topic WHERE topic.document_id = document.id) AS topics,
    created_at, updated_at
FROM documents AS document
WHERE true
    AND status = %(status)s -- if status
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- text_of_document --
SELECT text FROM documents WHERE id = %(id)s

-- topics_of_document --
-- plan: each time
SELECT id, title, text, document_id, document_position, created_at, updated_at
FROM knowledge_topics
WHERE document_id = %(id)s
    AND document_position > %(after)s -- if after
ORDER BY document_position
LIMIT %(rows)s

-- claim_document --
-- The oldest that nobody is reading.
UPDATE documents AS document
SET readings = readings + 1, read_until = now() + %(lease_s)s * interval '1 second'
WHERE id = (
    SELECT id FROM documents
    WHERE status = 'processing' AND read_until <= now()
    ORDER BY created_at
    FOR UPDATE SKIP LOCKED
    LIMIT 1
)
RETURNING id, name, media_type, content, readings

-- lock_document --
-- Nothing: it was deleted, or another process reads it by now.
SELECT name, replaces FROM documents
WHERE id = %(id)s AND status = 'processing' AND readings = %(readings)s
FOR UPDATE

-- delete_replaced --
DELETE FROM documents
WHERE id <> %(id)s AND lower(name) = lower(%(name)s) AND created_at <= (
    SELECT created_at FROM documents WHERE id = %(id)s
)

-- insert_topics_of_document --
-- Those that are returned are in; others have titles that are taken.
INSERT INTO knowledge_topics (id, title, text, document_id, document_position, created_at, updated_at)
SELECT given.id, given.title, given.text, %(document_id)s, given.position, %(now)s, %(now)s
FROM unnest(%(ids)s::uuid[], %(titles)s::text[], %(texts)s::text[], %(positions)s::integer[])
    AS given (id, title, text, position)
ORDER BY given.position
ON CONFLICT (lower(title)) DO NOTHING
RETURNING document_position

-- document_is_ready --
UPDATE documents
SET status = 'ready', pages = %(pages)s, text = %(text)s, content = NULL, updated_at = %(now)s
WHERE id = %(id)s

-- document_failed --
UPDATE documents
SET status = 'failed', error_code = %(code)s, error_message = %(message)s, content = NULL, updated_at = %(now)s
WHERE id = %(id)s AND status = 'processing' AND readings = %(readings)s

-- leave_document --
-- Another reading may begin at once.
UPDATE documents SET read_until = now() WHERE id = %(id)s AND status = 'processing' AND readings = %(readings)s

-- delete_document --
DELETE FROM documents WHERE id = %(id)s

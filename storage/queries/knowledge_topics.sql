-- lock_topics --
SELECT revision FROM knowledge_revision FOR UPDATE

-- select_revision --
SELECT revision FROM knowledge_revision

-- select_topics --
-- In one snapshot with the revision they make up.
SELECT revision.revision, topic.id, topic.title, topic.text, topic.document_id, topic.created_at, topic.updated_at
FROM knowledge_revision AS revision
LEFT JOIN knowledge_topics AS topic ON true
ORDER BY topic.title COLLATE "C"

-- list_topics --
-- plan: each time
SELECT id, title, text, document_id, created_at, updated_at
FROM knowledge_topics
WHERE true
    AND title COLLATE "C" > %(after)s -- if after
ORDER BY title COLLATE "C"
LIMIT %(rows)s

-- select_topic --
SELECT id, title, text, document_id, created_at, updated_at FROM knowledge_topics WHERE id = %(id)s

-- count_topics --
SELECT count(*) FROM knowledge_topics

-- insert_topic --
-- Nothing is returned when there is one of that title.
INSERT INTO knowledge_topics (id, title, text, created_at, updated_at)
VALUES (%(id)s, %(title)s, %(text)s, %(now)s, %(now)s)
ON CONFLICT (lower(title)) DO NOTHING
RETURNING id, title, text, document_id, created_at, updated_at

-- update_topic --
UPDATE knowledge_topics
SET title = coalesce(%(title)s, title), text = coalesce(%(text)s, text), updated_at = %(now)s
WHERE id = %(id)s
RETURNING id, title, text, document_id, created_at, updated_at

-- delete_topic --
DELETE FROM knowledge_topics WHERE id = %(id)s

-- upsert_topics --
-- ``created`` tells a new row from one that was there.
INSERT INTO knowledge_topics (id, title, text, created_at, updated_at)
SELECT given.id, given.title, given.text, %(now)s, %(now)s
FROM unnest(%(ids)s::uuid[], %(titles)s::text[], %(texts)s::text[]) AS given (id, title, text)
ON CONFLICT (lower(title)) DO UPDATE SET
    text = excluded.text, document_id = NULL, document_position = NULL, updated_at = excluded.updated_at
RETURNING (xmax = 0) AS created

-- delete_other_topics --
DELETE FROM knowledge_topics
WHERE document_id IS NULL AND lower(title) <> ALL (SELECT lower(given.title) FROM unnest(%(titles)s::text[]) AS given (title))

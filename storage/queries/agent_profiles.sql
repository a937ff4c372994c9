-- lock_profiles --
-- One change after the other, until the end of the transaction: numbers are looked at in all of them. 5279 keeps clear of
-- the numbers other locks use.
SELECT pg_advisory_xact_lock(5279, 0)

-- select_profiles --
SELECT slug, version, facts, created_at, updated_at, updated_by FROM agent_profiles ORDER BY slug

-- count_profiles --
SELECT count(*) FROM agent_profiles

-- profile_of_numbers --
-- Another one that answers one of these.
SELECT slug FROM agent_profiles
WHERE slug <> %(slug)s AND jsonb_exists_any(facts -> 'numbers', %(numbers)s::text[])
ORDER BY slug LIMIT 1

-- lock_profile --
SELECT version FROM agent_profiles WHERE slug = %(slug)s FOR UPDATE

-- insert_profile --
INSERT INTO agent_profiles (slug, version, facts, created_at, updated_at, updated_by)
VALUES (%(slug)s, 1, %(facts)s, %(now)s, %(now)s, %(by)s)
RETURNING slug, version, facts, created_at, updated_at, updated_by

-- update_profile --
UPDATE agent_profiles SET version = version + 1, facts = %(facts)s, updated_at = %(now)s, updated_by = %(by)s
WHERE slug = %(slug)s
RETURNING slug, version, facts, created_at, updated_at, updated_by

-- insert_profile_version --
INSERT INTO agent_profile_versions (slug, version, facts, saved_at, saved_by)
VALUES (%(slug)s, %(version)s, %(facts)s, %(now)s, %(by)s)

-- list_profile_versions --
-- plan: each time
SELECT saved.slug, saved.version, saved.facts, saved.saved_at, saved.saved_by, keys.name AS saved_by_name
FROM agent_profile_versions AS saved
LEFT JOIN api_keys AS keys ON keys.id = saved.saved_by
WHERE saved.slug = %(slug)s
    AND saved.version = %(version)s -- if version
ORDER BY saved.version DESC
LIMIT %(rows)s

-- delete_profile --
DELETE FROM agent_profiles WHERE slug = %(slug)s

-- call_list_of_profile --
-- One that calls in its name, or is to.
SELECT name FROM call_lists WHERE agent = %(slug)s AND status IN ('draft', 'running', 'paused')
ORDER BY created_at, id LIMIT 1

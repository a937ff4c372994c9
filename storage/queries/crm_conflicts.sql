-- crm_conflicts_add --
INSERT INTO crm_conflicts (
    id, platform, contact_id, field, kind, base_value, local_value, remote_value, local_at, remote_at, winner, critical,
    state, resolution, created_at, resolved_at
)
SELECT
    id, platform, contact_id, field, kind, base_value, local_value, remote_value, local_at, remote_at, winner, critical,
    state, resolution, created_at, resolved_at
FROM jsonb_populate_recordset(NULL::crm_conflicts, %(rows)s::jsonb)

-- crm_conflict_open_same --
-- What is open about these contacts already. Whoever holds a contact has its conflicts too; who decides on one of them
-- holds the conflict and waits for the contact, so it must not be waited for here.
SELECT contact_id, field, kind FROM crm_conflicts
WHERE contact_id = ANY(%(contact_ids)s::text[]) AND state = 'open'

-- crm_conflict_lock --
SELECT * FROM crm_conflicts WHERE id = %(id)s FOR UPDATE

-- crm_conflict_resolve --
UPDATE crm_conflicts SET state = 'resolved', resolution = %(resolution)s, resolved_at = %(now)s WHERE id = %(id)s

-- crm_conflict_get --
SELECT * FROM crm_conflicts WHERE id = %(id)s

-- crm_conflicts_list --
-- plan: each time
SELECT * FROM crm_conflicts
WHERE true
    AND platform = %(platform)s -- if platform
    AND state = %(state)s -- if state
    AND contact_id = %(contact_id)s -- if contact_id
    AND kind = %(kind)s -- if kind
    AND field = %(field)s -- if field
    AND created_at <= %(until)s -- if until
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- crm_conflicts_count_open --
-- plan: each time
SELECT count(*) AS open FROM crm_conflicts
WHERE state = 'open'
    AND platform = %(platform)s -- if platform
    AND kind = %(kind)s -- if kind
    AND field = %(field)s -- if field
    AND created_at <= %(until)s -- if until

-- crm_conflicts_grouped --
SELECT platform, kind, field, count(*) AS open, max(created_at) AS newest_at,
    count(*) FILTER (WHERE kind = 'deleted' AND coalesce(local_value, 'null') = 'null') AS deleted_here,
    count(*) FILTER (WHERE kind = 'deleted' AND coalesce(remote_value, 'null') = 'null') AS deleted_there
FROM crm_conflicts
WHERE state = 'open'
GROUP BY platform, kind, field
ORDER BY open DESC, platform, kind, field

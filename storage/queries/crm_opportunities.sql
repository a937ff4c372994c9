-- crm_opportunities_of_parents --
SELECT * FROM crm_opportunities
WHERE platform = %(platform)s AND parent_id = ANY(%(parents)s::text[]) AND external_id IS NOT NULL
  AND deleted_at IS NULL

-- crm_opportunities_lock_matching --
-- In one order for everybody, so that two transactions never wait for each other.
SELECT * FROM crm_opportunities
WHERE (platform = %(platform)s AND external_id = ANY(%(external_ids)s::text[])) OR mark = ANY(%(marks)s::text[])
ORDER BY id
FOR UPDATE

-- crm_opportunities_upsert --
INSERT INTO crm_opportunities (
    id, platform, external_id, parent_id, contact_id, mark, status, status_kind, value_cents, value_currency,
    value_period, confidence_percent, note, remote_updated_at, deleted_at, created_at, updated_at
)
SELECT
    id, platform, external_id, parent_id, contact_id, mark, status, status_kind, value_cents, value_currency,
    value_period, confidence_percent, note, remote_updated_at, deleted_at, created_at, updated_at
FROM jsonb_populate_recordset(NULL::crm_opportunities, %(rows)s::jsonb)
ON CONFLICT (id) DO UPDATE SET
    external_id = excluded.external_id, parent_id = excluded.parent_id, contact_id = excluded.contact_id,
    status = excluded.status, status_kind = excluded.status_kind, value_cents = excluded.value_cents,
    value_currency = excluded.value_currency, value_period = excluded.value_period,
    confidence_percent = excluded.confidence_percent, note = excluded.note,
    remote_updated_at = excluded.remote_updated_at, deleted_at = excluded.deleted_at, updated_at = excluded.updated_at

-- crm_opportunities_drop --
UPDATE crm_opportunities SET deleted_at = %(now)s, updated_at = %(now)s
WHERE platform = %(platform)s AND parent_id = %(parent)s AND external_id IS NOT NULL AND deleted_at IS NULL
  AND NOT external_id = ANY(%(kept)s::text[])

-- crm_opportunity_give_up --
UPDATE crm_opportunities SET deleted_at = %(now)s, updated_at = %(now)s
WHERE id = %(id)s AND external_id IS NULL AND deleted_at IS NULL

-- crm_opportunity_get --
SELECT * FROM crm_opportunities WHERE id = %(id)s

-- crm_opportunities_list --
-- plan: each time
SELECT * FROM crm_opportunities
WHERE deleted_at IS NULL
    AND platform = %(platform)s -- if platform
    AND contact_id = %(contact_id)s -- if contact_id
    AND status_kind = %(status_kind)s -- if status_kind
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- crm_inbox_add --
INSERT INTO crm_inbox (platform, kind, external_id, due_at, noted_at)
SELECT %(platform)s, kind, external_id, %(now)s, %(now)s
FROM unnest(%(kinds)s::text[], %(external_ids)s::text[]) AS entry (kind, external_id)
ON CONFLICT (platform, kind, external_id) DO UPDATE
SET generation = crm_inbox.generation + 1, attempts = 0, due_at = least(crm_inbox.due_at, excluded.due_at)

-- crm_inbox_add_unlisted --
-- What is known here and a listing that is at its end has not come by, whole parents where they are known: contacts, and
-- deals of parents of which nobody was listed. Those that were made meanwhile are younger than it.
INSERT INTO crm_inbox (platform, kind, external_id, due_at, noted_at)
WITH listed AS (
    SELECT external_id FROM crm_listed WHERE platform = %(platform)s AND listing_id = %(listing_id)s
),
unlisted AS (
    SELECT CASE WHEN parent_id IS NULL THEN 'contact' ELSE 'parent' END AS kind, coalesce(parent_id, external_id) AS name
    FROM crm_contacts AS contact
    WHERE crm_platform = %(platform)s
      AND external_id IS NOT NULL
      AND deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM listed WHERE listed.external_id = contact.external_id)
    UNION
    SELECT 'parent', parent_id
    FROM crm_opportunities AS deal
    WHERE platform = %(platform)s
      AND external_id IS NOT NULL
      AND parent_id IS NOT NULL
      AND deleted_at IS NULL
      AND NOT EXISTS (
          SELECT FROM crm_contacts AS contact JOIN listed USING (external_id)
          WHERE contact.crm_platform = %(platform)s AND contact.parent_id = deal.parent_id
      )
)
SELECT %(platform)s, kind, name, %(now)s::timestamptz, %(now)s::timestamptz FROM unlisted
ON CONFLICT (platform, kind, external_id) DO UPDATE
SET generation = crm_inbox.generation + 1, attempts = 0, due_at = least(crm_inbox.due_at, excluded.due_at)

-- crm_listed_analyze --
-- Filled within minutes, it has no statistics yet; without them the planner takes its rows for few, and compares each
-- with every contact.
ANALYZE crm_listed, crm_contacts

-- crm_inbox_due --
SELECT kind, external_id, generation, attempts
FROM crm_inbox
WHERE platform = %(platform)s AND due_at <= %(now)s
ORDER BY due_at, kind, external_id
LIMIT %(rows)s

-- crm_inbox_done --
-- Not when somebody called for it anew meanwhile.
DELETE FROM crm_inbox
WHERE platform = %(platform)s AND kind = %(kind)s AND external_id = %(external_id)s AND generation = %(generation)s

-- crm_inbox_postpone --
-- Not what was called for anew meanwhile: that is due now.
UPDATE crm_inbox SET attempts = attempts + 1, due_at = %(due_at)s
WHERE platform = %(platform)s AND kind = %(kind)s AND external_id = %(external_id)s AND generation = %(generation)s

-- crm_inbox_count --
SELECT count(*) FROM crm_inbox WHERE platform = %(platform)s

-- crm_events_add --
-- Returns those that were not known yet.
INSERT INTO crm_webhook_events (platform, event_id, event_at, received_at)
SELECT DISTINCT %(platform)s, event_id, event_at, %(now)s::timestamptz
FROM unnest(%(event_ids)s::text[], %(event_ats)s::timestamptz[]) AS event (event_id, event_at)
ON CONFLICT DO NOTHING
RETURNING event_id, event_at

-- crm_events_forget --
DELETE FROM crm_webhook_events WHERE received_at < %(before)s

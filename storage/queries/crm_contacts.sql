-- part: address_is --
AND (email = %(email)s OR (further_emails <> '{}' AND further_emails @> ARRAY[%(email)s::text]))

-- part: address_starts --
-- A further one is found by the whole of it.
AND ((email COLLATE "C" >= %(email_start)s AND email COLLATE "C" < %(email_start)s || chr(1114111)) OR (further_emails <> '{}' AND further_emails @> ARRAY[%(email_start)s::text]))

-- crm_contacts_by_ids --
SELECT * FROM crm_contacts WHERE id = ANY(%(ids)s::text[])

-- crm_contacts_our_ids --
SELECT external_id, id FROM crm_contacts
WHERE crm_platform = %(platform)s AND external_id = ANY(%(external_ids)s::text[])

-- crm_contacts_parents --
SELECT id, parent_id FROM crm_contacts WHERE id = ANY(%(ids)s::text[]) AND parent_id IS NOT NULL

-- crm_contact_lock --
SELECT * FROM crm_contacts WHERE id = %(id)s FOR UPDATE

-- crm_contacts_lock_matching --
-- In one order for everybody, so that two transactions never wait for each other.
SELECT * FROM crm_contacts
WHERE id IN (
    SELECT id FROM crm_contacts WHERE crm_platform = %(platform)s AND external_id = ANY(%(external_ids)s::text[])
    UNION
    SELECT id FROM crm_contacts WHERE reference = ANY(%(references)s::text[])
)
ORDER BY id
FOR UPDATE

-- crm_contacts_lock_unlinked --
-- Contacts over there nowhere yet, and never tried, by e-mail address.
SELECT * FROM crm_contacts
WHERE (email = ANY(%(emails)s::text[]) OR (further_emails <> '{}' AND further_emails && %(emails)s::text[]))
  AND crm_platform = %(platform)s
  AND external_id IS NULL
  AND create_tried_at IS NULL
  AND deleted_at IS NULL
ORDER BY id
FOR UPDATE

-- crm_contacts_of_parents --
SELECT * FROM crm_contacts
WHERE crm_platform = %(platform)s AND parent_id = ANY(%(parents)s::text[]) AND external_id IS NOT NULL

-- crm_contacts_of_external_ids --
SELECT * FROM crm_contacts WHERE crm_platform = %(platform)s AND external_id = ANY(%(external_ids)s::text[])

-- crm_contacts_upsert --
-- Whole rows, as a JSON array of them.
INSERT INTO crm_contacts (
    id, crm_platform, external_id, parent_id, reference, lead_id, email, first_name, last_name, company, title, phone,
    linkedin_url, further_emails, further_phones, address_types, enrichment_data, field_times, base, writing, refused, enriched_at, remote_updated_at,
    create_tried_at, version, deleted_at, deleted_by, erased, last_synced_at, created_at, updated_at
)
SELECT
    id, crm_platform, external_id, parent_id, reference, lead_id, email, first_name, last_name, company, title, phone,
    linkedin_url, further_emails, further_phones, address_types, enrichment_data, field_times, base, writing, refused, enriched_at, remote_updated_at,
    create_tried_at, version, deleted_at, deleted_by, erased, last_synced_at, created_at, updated_at
FROM jsonb_populate_recordset(NULL::crm_contacts, %(rows)s::jsonb)
ON CONFLICT (id) DO UPDATE SET
    crm_platform = excluded.crm_platform, external_id = excluded.external_id, parent_id = excluded.parent_id,
    reference = excluded.reference, lead_id = excluded.lead_id, email = excluded.email,
    first_name = excluded.first_name, last_name = excluded.last_name, company = excluded.company,
    title = excluded.title, phone = excluded.phone, linkedin_url = excluded.linkedin_url,
    further_emails = excluded.further_emails, further_phones = excluded.further_phones,
    address_types = excluded.address_types, enrichment_data = excluded.enrichment_data, field_times = excluded.field_times, base = excluded.base,
    writing = excluded.writing, refused = excluded.refused, enriched_at = excluded.enriched_at,
    remote_updated_at = excluded.remote_updated_at, create_tried_at = excluded.create_tried_at,
    version = excluded.version, deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by,
    last_synced_at = excluded.last_synced_at, updated_at = excluded.updated_at

-- crm_contacts_touch --
UPDATE crm_contacts SET last_synced_at = %(now)s WHERE id = ANY(%(ids)s::text[])

-- crm_contacts_list --
-- plan: each time
SELECT * FROM crm_contacts
WHERE deleted_at IS NULL
    AND crm_platform = %(platform)s -- if platform
    {address_is} -- if email
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- crm_contacts_near --
-- plan: each time
-- What a search leaves of the newest contacts: enough for what many have. Or of the contacts named.
SELECT * FROM (
    SELECT * FROM crm_contacts
    WHERE deleted_at IS NULL
        AND crm_platform = %(platform)s -- if platform
        AND id = ANY(%(ids)s::text[]) -- if ids
        AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
    ORDER BY created_at DESC, id DESC
    LIMIT %(near)s
) AS near
WHERE true
    {address_is} -- if email
    AND search @@ to_tsquery('simple', %(words)s) -- if words
    {address_starts} -- if email_start
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- crm_contacts_beyond_near --
-- plan: each time
-- Whether the list goes on after what ``crm_contacts_near`` looks at.
SELECT true AS more FROM crm_contacts
WHERE deleted_at IS NULL
    AND crm_platform = %(platform)s -- if platform
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
OFFSET %(near)s
LIMIT 1

-- crm_contacts_with_words --
-- plan: each time
SELECT id FROM crm_contacts
WHERE deleted_at IS NULL AND search @@ to_tsquery('simple', %(whole_words)s)
LIMIT %(rows)s

-- crm_contacts_found --
-- plan: each time
-- What the indexes find, sorted: for what few contacts have. The sum keeps the planner from crossing those few with an
-- index of all that come later.
WITH found AS MATERIALIZED (
    SELECT id, created_at FROM crm_contacts
    WHERE deleted_at IS NULL
        AND crm_platform = %(platform)s -- if platform
        AND (created_at + interval '0', id) < (%(before)s, %(before_id)s) -- if before
        {address_is} -- if email
        AND search @@ to_tsquery('simple', %(words)s) -- if words
        {address_starts} -- if email_start
),
page AS (
    SELECT id FROM found
    ORDER BY created_at DESC, id DESC
    LIMIT %(rows)s
)
SELECT crm_contacts.* FROM page JOIN crm_contacts USING (id)
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- crm_contacts_to_enrich --
SELECT * FROM crm_contacts
WHERE deleted_at IS NULL
  AND email IS NOT NULL
  AND id > %(after)s
  AND coalesce((enriched_at ->> %(platform)s)::timestamptz, '-infinity') < %(before)s
ORDER BY id
LIMIT %(rows)s

-- crm_contacts_matching_person --
SELECT * FROM crm_contacts
WHERE deleted_at IS NULL
  AND (
    email = %(email)s OR linkedin_url = %(linkedin_url)s
    OR (further_emails <> '{}' AND further_emails @> ARRAY[%(email)s::text])
  )
ORDER BY created_at, id
LIMIT 1

-- crm_contact_of_address_hash --
SELECT * FROM crm_contacts
WHERE (
        (email IS NOT NULL AND address_hash(email) = %(address_hash)s)
        OR (further_emails <> '{}' AND address_hashes(further_emails) @> ARRAY[%(address_hash)s::bytea])
    )
    AND crm_platform = %(platform)s AND deleted_at IS NULL
ORDER BY external_id IS NULL, created_at, id
LIMIT 1

-- crm_contact_of_conversation --
SELECT contact.* FROM conversations
JOIN crm_contacts AS contact
  ON contact.id = conversations.metadata ->> 'contact_id' OR contact.lead_id = conversations.lead_id
WHERE conversations.id = %(conversation_id)s AND contact.crm_platform = %(platform)s
ORDER BY contact.id = conversations.metadata ->> 'contact_id' DESC NULLS LAST, contact.created_at
LIMIT 1

-- crm_lead_of_conversation --
SELECT coalesce(
    (SELECT lead_id FROM conversations WHERE id = %(conversation_id)s AND NOT metadata ? 'contact_id'),
    (
        SELECT lead_id FROM conversation_outcomes
        WHERE conversation_id = %(conversation_id)s AND lead_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM conversations WHERE id = %(conversation_id)s AND metadata ? 'contact_id')
        ORDER BY created_at DESC LIMIT 1
    ),
    (
        SELECT lead_id FROM outbound_calls
        WHERE conversation_id = %(conversation_id)s
          AND NOT EXISTS (SELECT FROM conversations WHERE id = %(conversation_id)s AND metadata ? 'contact_id')
    )
)

-- crm_lead_of_qualification --
SELECT lead_id FROM qualification_results WHERE execution_id = %(execution_id)s

-- crm_contacts_of_lead --
-- In the one order in which everybody locks several.
SELECT * FROM crm_contacts WHERE lead_id = %(lead_id)s AND crm_platform = %(platform)s ORDER BY id FOR UPDATE

-- crm_contacts_lock_of_emails --
-- In the one order in which everybody locks several.
SELECT * FROM crm_contacts
WHERE (email = ANY(%(emails)s::text[]) OR (further_emails <> '{}' AND further_emails && %(emails)s::text[]))
    AND crm_platform = %(platform)s AND deleted_at IS NULL AND lead_id IS NULL
ORDER BY id
FOR UPDATE

-- crm_contacts_count --
SELECT count(*) FROM crm_contacts WHERE crm_platform = %(platform)s AND deleted_at IS NULL

-- crm_aliases_put --
INSERT INTO crm_aliases (platform, old_id, new_id)
SELECT %(platform)s::text, given.old_id, given.new_id
FROM unnest(%(old_ids)s::text[], %(new_ids)s::text[]) AS given (old_id, new_id)
ON CONFLICT (platform, old_id) DO UPDATE SET new_id = excluded.new_id

-- crm_alias_get --
WITH RECURSIVE chain (new_id, depth) AS (
    SELECT new_id, 1 FROM crm_aliases WHERE platform = %(platform)s AND old_id = %(old_id)s
    UNION ALL
    SELECT a.new_id, depth + 1 FROM crm_aliases AS a JOIN chain ON a.old_id = chain.new_id
    WHERE a.platform = %(platform)s AND depth < 20
)
SELECT new_id FROM chain ORDER BY depth DESC LIMIT 1

-- Rows go in as a JSON array of whole leads, so that one lead and a thousand are the same statement.

-- part: lead_columns --
id, company_name, company_website, company_size, industry, contact_name, contact_email, contact_title,
contact_phone, linkedin_url, notes, qualification_score, qualification_tier, qualification_reasoning,
qualification_latency_ms, qualified_at, status, time_zone, need, team_size, budget, authority, timing, source,
conversation_id, opted_out_at, custom, answers, answer_notes, further_emails, further_phones, created_at, updated_at

-- part: lead_rows --
jsonb_to_recordset(%(rows)s) AS row (
    id uuid, company_name text, company_website text, company_size text, industry text, contact_name text,
    contact_email text, contact_title text, contact_phone text, linkedin_url text, notes text,
    qualification_score smallint, qualification_tier text, qualification_reasoning text,
    qualification_latency_ms double precision, qualified_at timestamptz, status text, time_zone text, need text,
    team_size integer, budget text, authority text, timing text, source text, conversation_id text,
    opted_out_at timestamptz, custom jsonb, answers jsonb, answer_notes jsonb, further_emails text[],
    further_phones text[], created_at timestamptz, updated_at timestamptz
)

-- part: lead_filters --
AND status = %(status)s -- if status
AND qualification_tier = %(tier)s -- if tier
AND lower(industry) = lower(%(industry)s) -- if industry
AND created_at >= %(created_from)s -- if created_from
AND created_at < %(created_to)s -- if created_to
AND qualification_score >= %(min_score)s -- if min_score
AND qualification_score <= %(max_score)s -- if max_score
AND id = (SELECT lead_id FROM lead_emails WHERE lead_emails.email = %(email)s) -- if email
AND search @@ to_tsquery('simple', %(words)s) -- if words
AND id IN (SELECT lead_id FROM lead_emails WHERE lead_emails.email >= %(email_start)s -- if email_start
    AND lead_emails.email < %(email_start)s || chr(1114111)) -- if email_start
AND id = ANY(ARRAY(SELECT lead.id FROM leads AS lead WHERE lead.contact_phone = %(phone)s -- if phone
    UNION ALL SELECT lead.id FROM leads AS lead -- if phone
    WHERE lead.further_phones <> '{}' AND lead.further_phones @> ARRAY[%(phone)s::text] -- if phone
    UNION ALL SELECT lead_id FROM claimed_numbers WHERE claimed_numbers.phone = %(phone)s)) -- if phone

-- part: leading_filters --
-- Of those, what an index has in the order of the list.
AND status = %(leading_status)s -- if leading_status
AND qualification_tier = %(leading_tier)s -- if leading_tier
AND lower(industry) = lower(%(leading_industry)s) -- if leading_industry

-- leads_insert --
-- An address that another lead has is left out: whoever wanted it looks for that lead.
INSERT INTO leads ({lead_columns})
SELECT {lead_columns}
FROM {lead_rows}
WHERE NOT EXISTS (
    SELECT FROM lead_emails WHERE lead_emails.email = ANY(array_append(row.further_emails, row.contact_email))
)
ON CONFLICT (contact_email) WHERE contact_email IS NOT NULL DO NOTHING
RETURNING id

-- leads_update --
UPDATE leads SET
    company_name = row.company_name, company_website = row.company_website, company_size = row.company_size,
    industry = row.industry, contact_name = row.contact_name, contact_email = row.contact_email,
    contact_title = row.contact_title, contact_phone = row.contact_phone, linkedin_url = row.linkedin_url,
    notes = row.notes, qualification_score = row.qualification_score, qualification_tier = row.qualification_tier,
    qualification_reasoning = row.qualification_reasoning, qualification_latency_ms = row.qualification_latency_ms,
    qualified_at = row.qualified_at, status = row.status, time_zone = row.time_zone, need = row.need,
    team_size = row.team_size, budget = row.budget, authority = row.authority, timing = row.timing,
    source = row.source, conversation_id = row.conversation_id, opted_out_at = row.opted_out_at, custom = row.custom,
    answers = row.answers, answer_notes = row.answer_notes, further_emails = row.further_emails,
    further_phones = row.further_phones, updated_at = row.updated_at
FROM {lead_rows}
WHERE leads.id = row.id

-- lead_changed --
SELECT pg_notify(%(channel)s, %(id)s)

-- lead_get --
SELECT {lead_columns}
FROM leads WHERE id = %(id)s

-- lead_lock --
-- The row as it is, unchanged by others until the transaction ends.
SELECT {lead_columns}
FROM leads WHERE id = %(id)s FOR UPDATE

-- leads_of_ids --
SELECT {lead_columns}
FROM leads WHERE id = ANY(%(ids)s::uuid[])

-- leads_lock_matching --
-- In one order for everybody, so that two imports never wait for each other.
SELECT {lead_columns}
FROM leads
WHERE id IN (
    SELECT lead_id FROM lead_emails WHERE email = ANY(%(emails)s::text[])
    UNION
    SELECT id FROM leads WHERE id = ANY(%(ids)s::uuid[])
)
ORDER BY id
FOR UPDATE

-- lead_find --
-- The address tells more than the number, which a whole office may share.
(SELECT lead_id FROM lead_emails WHERE email = %(email)s)
UNION ALL
(SELECT id FROM leads WHERE contact_phone = %(phone)s ORDER BY created_at, id LIMIT 1)
UNION ALL
(
    SELECT id FROM leads WHERE further_phones <> '{}' AND further_phones @> ARRAY[%(phone)s::text]
    ORDER BY created_at, id LIMIT 1
)
LIMIT 1

-- emails_taken --
-- Those that leads have, with whose they are.
SELECT email, lead_id FROM lead_emails WHERE email = ANY(%(emails)s::text[])

-- numbers_claimed --
SELECT lead_id, phone FROM claimed_numbers WHERE lead_id = ANY(%(lead_ids)s::uuid[]) ORDER BY lead_id, phone

-- numbers_settled --
DELETE FROM claimed_numbers AS claimed
USING unnest(%(lead_ids)s::uuid[], %(phones)s::text[]) AS given (lead_id, phone)
WHERE claimed.lead_id = given.lead_id AND claimed.phone = given.phone

-- leads_list --
-- plan: each time
-- Newest first. For filters that an index has in the order of the list (migration 0006_leads).
SELECT {lead_columns}
FROM leads
WHERE true
    {lead_filters}
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- leads_near --
-- plan: each time
-- What the other filters leave of the first leads of such a list: enough for what many leads have. Or of the leads named.
SELECT {lead_columns}
FROM (
    SELECT * FROM leads
    WHERE true
        {leading_filters}
        AND created_at >= %(created_from)s -- if created_from
        AND created_at < %(created_to)s -- if created_to
        AND id = ANY(%(ids)s::uuid[]) -- if ids
        AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
    ORDER BY created_at DESC, id DESC
    LIMIT %(near)s
) AS near
WHERE true
    {lead_filters}
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- leads_beyond_near --
-- plan: each time
-- Whether such a list goes on after what ``leads_near`` looks at.
SELECT true AS more FROM leads
WHERE true
    {leading_filters}
    AND created_at >= %(created_from)s -- if created_from
    AND created_at < %(created_to)s -- if created_to
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
OFFSET %(near)s
LIMIT 1

-- leads_with_words --
-- plan: each time
SELECT id FROM leads WHERE search @@ to_tsquery('simple', %(whole_words)s) LIMIT %(rows)s

-- leads_found --
-- plan: each time
-- What the indexes find, sorted: for what few leads have. The planner cannot know that, and would hope to come by a page
-- of them in the order of the list. The sum keeps it from crossing those few with an index of all that come later.
WITH found AS MATERIALIZED (
    SELECT id, created_at FROM leads
    WHERE true
        {lead_filters}
        AND (created_at + interval '0', id) < (%(before)s, %(before_id)s) -- if before
),
page AS (
    SELECT id FROM found
    ORDER BY created_at DESC, id DESC
    LIMIT %(rows)s
)
SELECT {lead_columns}
FROM page JOIN leads USING (id)
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- leads_list_by_score --
-- plan: each time
-- Best first, without those that have no score. For filters that an index has in the order of the list.
SELECT {lead_columns}
FROM leads
WHERE qualification_score IS NOT NULL
    {lead_filters}
    AND (qualification_score, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY qualification_score DESC, id DESC
LIMIT %(rows)s

-- leads_near_by_score --
-- plan: each time
-- What the other filters leave of the first leads of such a list: enough for what many leads have. Or of the leads named.
SELECT {lead_columns}
FROM (
    SELECT * FROM leads
    WHERE qualification_score IS NOT NULL
        {leading_filters}
        AND id = ANY(%(ids)s::uuid[]) -- if ids
        AND (qualification_score, id) < (%(before)s, %(before_id)s) -- if before
    ORDER BY qualification_score DESC, id DESC
    LIMIT %(near)s
) AS near
WHERE true
    {lead_filters}
ORDER BY qualification_score DESC, id DESC
LIMIT %(rows)s

-- leads_beyond_near_by_score --
-- plan: each time
-- Whether such a list goes on after what ``leads_near_by_score`` looks at.
SELECT true AS more FROM leads
WHERE qualification_score IS NOT NULL
    {leading_filters}
    AND (qualification_score, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY qualification_score DESC, id DESC
OFFSET %(near)s
LIMIT 1

-- leads_found_by_score --
-- plan: each time
-- What the indexes find, sorted: for what few leads have. The planner cannot know that, and would hope to come by a page
-- of them in the order of the list. The sum keeps it from crossing those few with an index of all that come later; and
-- those of a search alone are not crossed with an index of all that have a score.
WITH found AS MATERIALIZED (
    SELECT id, qualification_score FROM leads
    WHERE true
        AND qualification_score IS NOT NULL -- if filtered
        {lead_filters}
        AND (qualification_score + 0, id) < (%(before)s, %(before_id)s) -- if before
),
page AS (
    SELECT id FROM found
    WHERE qualification_score IS NOT NULL
    ORDER BY qualification_score DESC, id DESC
    LIMIT %(rows)s
)
SELECT {lead_columns}
FROM page JOIN leads USING (id)
ORDER BY qualification_score DESC, id DESC
LIMIT %(rows)s

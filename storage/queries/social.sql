-- select_social_reading --
SELECT reading, is_whole, read_at FROM social_readings WHERE site = %(site)s

-- upsert_social_reading --
INSERT INTO social_readings (site, reading, is_whole, read_at)
VALUES (%(site)s, %(reading)s, %(is_whole)s, %(read_at)s)
ON CONFLICT (site) DO UPDATE SET reading = excluded.reading, is_whole = excluded.is_whole, read_at = excluded.read_at

-- drop_old_social_readings --
DELETE FROM social_readings WHERE read_at < %(before)s

-- website_of_lead --
SELECT company_website FROM leads WHERE id = %(lead_id)s

-- upsert_social_accounts --
-- Nothing for a lead that is gone meanwhile.
INSERT INTO social_accounts (lead_id, url, site, position, network, handle, state, fetched_at)
SELECT leads.id, given.url, %(site)s, given.position, given.network, given.handle, given.state, %(read_at)s
FROM leads, jsonb_to_recordset(%(accounts)s::jsonb)
    AS given (url text, position smallint, network text, handle text, state text)
WHERE leads.id = %(lead_id)s
ON CONFLICT (lead_id, url) DO UPDATE
SET site = excluded.site, position = excluded.position, network = excluded.network, handle = excluded.handle,
    state = excluded.state, fetched_at = excluded.fetched_at

-- drop_other_social_accounts --
DELETE FROM social_accounts WHERE lead_id = %(lead_id)s AND url <> ALL(%(urls)s::text[])

-- upsert_social_posts --
INSERT INTO social_posts (lead_id, url, site, network, author, title, text, published_at, fetched_at)
SELECT leads.id, given.url, %(site)s, given.network, given.author, given.title, given.text, given.published_at,
    %(read_at)s
FROM leads, jsonb_to_recordset(%(posts)s::jsonb)
    AS given (url text, network text, author text, title text, text text, published_at timestamptz)
WHERE leads.id = %(lead_id)s
ON CONFLICT (lead_id, url) DO UPDATE
SET site = excluded.site, network = excluded.network, author = excluded.author, title = excluded.title,
    text = excluded.text, published_at = excluded.published_at, fetched_at = excluded.fetched_at

-- drop_other_social_posts --
-- Of another site, and beyond those that are kept.
DELETE FROM social_posts
WHERE lead_id = %(lead_id)s AND (site <> %(site)s OR url IN (
    SELECT url FROM social_posts WHERE lead_id = %(lead_id)s
    ORDER BY published_at DESC NULLS LAST, url
    OFFSET %(most)s
))

-- list_social_accounts --
SELECT network, handle, url, site, state, fetched_at FROM social_accounts WHERE lead_id = %(lead_id)s ORDER BY position, url

-- list_social_posts --
SELECT network, author, url, title, text, published_at, fetched_at FROM social_posts
WHERE lead_id = %(lead_id)s
    AND site = %(site)s -- if site
ORDER BY published_at DESC NULLS LAST, url
LIMIT %(most)s

-- crm_state_get --
SELECT * FROM crm_sync_state WHERE platform = %(platform)s

-- crm_lease_take --
-- By the database's clock alone: those of the workers may differ.
INSERT INTO crm_sync_state AS state (platform, lease_owner, lease_until)
VALUES (%(platform)s, %(owner)s, clock_timestamp() + %(ttl_s)s::float8 * interval '1 second')
ON CONFLICT (platform) DO UPDATE SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
WHERE state.lease_owner IS NULL OR state.lease_owner = excluded.lease_owner OR state.lease_until < clock_timestamp()

-- crm_lease_hold --
-- Keeps everybody else from taking the lease until the transaction ends.
SELECT true FROM crm_sync_state WHERE platform = %(platform)s AND lease_owner = %(owner)s FOR UPDATE

-- crm_lease_leave --
UPDATE crm_sync_state SET lease_owner = NULL, lease_until = NULL
WHERE platform = %(platform)s AND lease_owner = %(owner)s

-- crm_feed_save --
UPDATE crm_sync_state SET feed_cursor = %(cursor)s, feed_read_at = %(now)s WHERE platform = %(platform)s

-- crm_watermark_save --
UPDATE crm_sync_state SET watermark = %(watermark)s, feed_read_at = %(now)s WHERE platform = %(platform)s

-- crm_listing_begin --
UPDATE crm_sync_state
SET listing_id = %(listing_id)s, listing_cursor = NULL, listing_started_at = %(now)s, listing_done = 0
WHERE platform = %(platform)s

-- crm_listing_want --
-- One under way began too early: without its beginning it counts for none.
UPDATE crm_sync_state SET listed_at = NULL, listing_started_at = NULL WHERE platform = %(platform)s

-- crm_listing_advance --
UPDATE crm_sync_state SET listing_cursor = %(cursor)s, listing_done = listing_done + %(rows)s
WHERE platform = %(platform)s

-- crm_listing_end --
UPDATE crm_sync_state
SET listing_id = NULL, listing_cursor = NULL, listed_at = listing_started_at, listing_started_at = NULL
WHERE platform = %(platform)s

-- crm_listed_add --
INSERT INTO crm_listed (platform, listing_id, external_id)
SELECT %(platform)s, %(listing_id)s, unnest(%(external_ids)s::text[])
ON CONFLICT DO NOTHING

-- crm_listed_forget --
DELETE FROM crm_listed WHERE platform = %(platform)s

-- crm_clock_offset_save --
UPDATE crm_sync_state SET clock_offset_s = %(offset_s)s WHERE platform = %(platform)s

-- crm_enrich_after_save --
UPDATE crm_sync_state SET enrich_after = %(after)s WHERE platform = %(platform)s

-- crm_webhook_save --
INSERT INTO crm_sync_state (platform, webhook, webhook_checked_at) VALUES (%(platform)s, %(webhook)s, %(now)s)
ON CONFLICT (platform) DO UPDATE SET webhook = excluded.webhook, webhook_checked_at = excluded.webhook_checked_at

-- crm_account_note --
-- The first whose key was good is the one whose records are known.
INSERT INTO crm_accounts (platform, ids, name, noted_at) VALUES (%(platform)s, %(ids)s, %(name)s, %(now)s)
ON CONFLICT (platform) DO NOTHING

-- crm_account_other --
SELECT name FROM crm_accounts WHERE platform = %(platform)s AND NOT ids && %(ids)s::text[]

-- crm_account_forget --
DELETE FROM crm_accounts WHERE platform = %(platform)s

-- crm_account_anew --
-- As if nothing had ever been read.
UPDATE crm_sync_state SET
    feed_cursor = NULL, feed_read_at = NULL, listing_id = NULL, listing_cursor = NULL, listing_started_at = NULL,
    listed_at = NULL, watermark = NULL
WHERE platform = %(platform)s

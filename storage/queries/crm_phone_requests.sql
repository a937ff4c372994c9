-- crm_phone_request_note --
INSERT INTO crm_phone_requests (platform, person_id, contact_id, stand_in, asked_at)
VALUES (%(platform)s, %(person_id)s, %(contact_id)s, %(stand_in)s, %(now)s)
ON CONFLICT (platform, person_id, contact_id) DO UPDATE
SET stand_in = excluded.stand_in, asked_at = excluded.asked_at

-- crm_phone_requests_of --
-- In one order for everybody, so that two transactions never wait for each other.
SELECT person_id, contact_id, stand_in FROM crm_phone_requests
WHERE platform = %(platform)s AND person_id = ANY(%(person_ids)s::text[])
ORDER BY contact_id

-- crm_phone_requests_forget --
DELETE FROM crm_phone_requests WHERE asked_at < %(before)s

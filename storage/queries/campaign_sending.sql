-- campaigns_lock_release --
-- One process releases at a time, so that together they keep to the pace.
SELECT pg_advisory_xact_lock(hashtext('campaign_release'))

-- campaigns_sending --
SELECT id, send, per_hour, released_at FROM campaigns WHERE sending = 'on' ORDER BY released_at NULLS FIRST, id

-- campaigns_last_release --
SELECT max(released_at) FROM campaigns

-- campaign_candidates --
-- Those whose turn it is, with what decides whether they go out. A follow-up's turn comes once the one before was sent.
-- What somebody is changing just now is looked at later: they may want one that is held here.
SELECT message.id, message.campaign_id, message.lead_id, message.step, message.position, message.body, message.company,
    lead.contact_email, lead.contact_phone, lead.time_zone, lead.opted_out_at, lead.status AS lead_status, lead.custom,
    wants_no_mail(lead.contact_email, lead.id) AS suppressed,
    ARRAY(
        SELECT kind FROM campaign_results AS result
        WHERE result.campaign_id = message.campaign_id AND result.lead_id = message.lead_id
        ORDER BY kind
    ) AS results, is_in_touch(message, %(now)s) AS in_touch
FROM campaign_messages AS message
JOIN leads AS lead ON lead.id = message.lead_id
WHERE message.campaign_id = %(campaign_id)s AND message.status = 'approved' AND message.send_after <= %(now)s
ORDER BY message.send_after, message.position
LIMIT %(rows)s
FOR UPDATE OF message SKIP LOCKED

-- campaigns_numbers_of_due --
-- Of the messages that are looked at next (campaign_candidates).
SELECT DISTINCT lead.contact_phone
FROM campaigns AS campaign
CROSS JOIN LATERAL (
    SELECT message.lead_id FROM campaign_messages AS message
    WHERE message.campaign_id = campaign.id AND message.status = 'approved' AND message.send_after <= %(now)s
    ORDER BY message.send_after, message.position
    LIMIT %(rows)s
) AS next
JOIN leads AS lead ON lead.id = next.lead_id
WHERE campaign.sending = 'on' AND lead.contact_phone IS NOT NULL

-- campaign_put_off --
UPDATE campaign_messages SET send_after = %(until)s WHERE id = %(id)s

-- campaign_end_message --
-- It is not sent, nor is what was to follow it.
UPDATE campaign_messages AS message
SET status = 'skipped', reason = %(reason)s, updated_at = %(now)s
FROM campaign_messages AS this
WHERE this.id = %(id)s AND message.campaign_id = this.campaign_id AND message.lead_id = this.lead_id
    AND message.step >= this.step
    AND (is_ahead(message) OR message.status = 'queued')

-- campaign_hold_message --
-- Until a person approves it by itself.
UPDATE campaign_messages SET status = 'drafted', reason = 'in_touch', updated_at = %(now)s
WHERE id = %(id)s AND status IN ('approved', 'queued', 'failed')

-- campaign_end_follow_ups --
UPDATE campaign_messages AS message
SET status = 'skipped', reason = %(reason)s, updated_at = %(now)s
FROM campaign_messages AS this
WHERE this.id = %(id)s AND message.campaign_id = this.campaign_id AND message.lead_id = this.lead_id
    AND message.step > this.step AND is_ahead(message)

-- campaign_end_rest --
-- What a person of a campaign would still get.
UPDATE campaign_messages AS message
SET status = 'skipped', reason = %(reason)s, updated_at = %(now)s
WHERE campaign_id = %(campaign_id)s AND lead_id = %(lead_id)s AND is_ahead(message)

-- campaign_queue_message --
UPDATE campaign_messages SET status = 'queued', reason = NULL, updated_at = %(now)s WHERE id = %(id)s

-- campaign_released --
UPDATE campaigns SET released_at = %(now)s WHERE id = %(campaign_id)s

-- campaigns_next_due --
SELECT min(message.send_after)
FROM campaign_messages AS message JOIN campaigns AS campaign ON campaign.id = message.campaign_id
WHERE campaign.sending = 'on' AND message.status = 'approved'
    AND isfinite(message.send_after) AND message.send_after > %(now)s

-- campaigns_has_due --
SELECT EXISTS (
    SELECT FROM campaign_messages AS message JOIN campaigns AS campaign ON campaign.id = message.campaign_id
    WHERE campaign.sending = 'on' AND message.status = 'approved' AND message.send_after <= %(now)s
)

-- campaign_lock_sending --
SELECT sending FROM campaigns WHERE id = %(id)s FOR UPDATE

-- campaign_set_sending --
UPDATE campaigns SET sending = %(sending)s, held_code = NULL, updated_at = %(now)s WHERE id = %(id)s

-- campaign_hold --
UPDATE campaigns SET sending = 'paused', held_code = %(code)s, updated_at = %(now)s
WHERE id = (SELECT campaign_id FROM campaign_messages WHERE id = %(id)s) AND sending IN ('on', 'paused')

-- campaign_call_back --
-- What was not tried yet, or was refused just now, leaves the outbox for another release.
WITH called_back AS (
    DELETE FROM crm_outbox AS entry
    USING campaign_messages AS message, campaign_messages AS this
    WHERE this.id = %(id)s AND message.campaign_id = this.campaign_id AND message.status IN ('queued', 'failed')
        AND entry.reference = concat_ws(':', 'campaign', message.campaign_id, message.lead_id, message.step)
        AND entry.state = 'pending' AND (entry.tried_at IS NULL OR (%(refused)s AND message.id = this.id))
    RETURNING message.id
)
UPDATE campaign_messages SET status = 'approved', reason = NULL, updated_at = %(now)s
WHERE id IN (SELECT id FROM called_back)

-- campaign_approve_again --
UPDATE campaign_messages SET status = 'approved', reason = NULL, updated_at = %(now)s
WHERE id = %(id)s AND status IN ('queued', 'failed')

-- mail_to_send --
-- As it stands in this moment: the law is asked again with it. A follow-up goes into the thread of the first message.
SELECT message.id, message.campaign_id, message.lead_id, message.step, message.status, campaign.send, campaign.sending,
    CASE WHEN message.step > 0 THEN 'Re: ' || first.subject ELSE message.subject END AS subject, message.body,
    before.mail_id AS reply_to, lead.contact_email, lead.opted_out_at,
    wants_no_mail(lead.contact_email, lead.id) AS suppressed,
    ARRAY(
        SELECT kind FROM campaign_results AS result
        WHERE result.campaign_id = message.campaign_id AND result.lead_id = message.lead_id
        ORDER BY kind
    ) AS results, is_in_touch(message, %(now)s) AS in_touch,
    (
        SELECT max(approved_alone_at) FROM campaign_messages AS other
        WHERE other.campaign_id = message.campaign_id AND other.lead_id = message.lead_id
    ) AS approved_alone_at
FROM campaign_messages AS message
JOIN campaigns AS campaign ON campaign.id = message.campaign_id
JOIN leads AS lead ON lead.id = message.lead_id
JOIN campaign_messages AS first ON first.campaign_id = message.campaign_id AND first.lead_id = message.lead_id
    AND first.step = 0
LEFT JOIN campaign_messages AS before ON before.campaign_id = message.campaign_id
    AND before.lead_id = message.lead_id AND before.step = message.step - 1
WHERE message.id = %(id)s
FOR UPDATE OF message FOR SHARE OF lead, campaign

-- mail_entered --
-- ``sent_at`` NULL: a draft over there.
UPDATE campaign_messages
SET status = CASE WHEN %(sent_at)s::timestamptz IS NULL THEN 'entered' ELSE 'sent' END, reason = NULL,
    mail_id = %(mail_id)s, mail_parent = %(mail_parent)s, entered_at = %(now)s::timestamptz,
    sent_at = %(sent_at)s::timestamptz, updated_at = %(now)s::timestamptz
WHERE id = %(id)s AND mail_id IS NULL

-- mail_sent --
UPDATE campaign_messages SET status = 'sent', reason = NULL, sent_at = %(sent_at)s, updated_at = %(now)s
WHERE id = %(id)s AND status = 'entered'

-- mail_schedule_next --
-- The follow-up's turn comes so many days after this one was sent as lie between the two.
UPDATE campaign_messages AS next
SET send_after = %(sent_at)s::timestamptz + interval '1 day' * (
    campaign.follow_up_days[this.step + 1] - coalesce(campaign.follow_up_days[this.step], 0)
)
FROM campaign_messages AS this JOIN campaigns AS campaign ON campaign.id = this.campaign_id
WHERE this.id = %(id)s AND next.campaign_id = this.campaign_id AND next.lead_id = this.lead_id
    AND next.step = this.step + 1

-- mail_failed --
-- Nobody was sent it, though the CRM had taken it to be sent.
UPDATE campaign_messages AS message SET status = 'failed', reason = %(reason)s, sent_at = NULL, updated_at = %(now)s
WHERE id = %(id)s AND is_out(message)

-- mails_of_parent --
-- What was entered with this record or one it took over, and may still be answered.
SELECT message.id, message.campaign_id, message.lead_id, message.step, message.status, message.mail_id,
    message.entered_at, message.sent_at, lead.contact_email, lead.further_emails
FROM campaign_messages AS message JOIN leads AS lead ON lead.id = message.lead_id
WHERE message.entered_at > %(after)s AND message.mail_parent IN (
    SELECT %(parent)s UNION SELECT old_id FROM crm_aliases WHERE platform = %(platform)s AND new_id = %(parent)s
)
ORDER BY message.entered_at, message.id

-- campaign_add_result --
INSERT INTO campaign_results (campaign_id, lead_id, kind, at)
VALUES (%(campaign_id)s, %(lead_id)s, %(kind)s, %(at)s)
ON CONFLICT DO NOTHING

-- suppress_address --
INSERT INTO mail_suppressions (address_hash, reason, created_at) VALUES (%(address_hash)s, %(reason)s, %(now)s)
ON CONFLICT DO NOTHING

-- suppressed_addresses --
-- plan: each time
-- Of many addresses at once: what wants_no_mail(address, NULL) says of each, with every table looked up once.
WITH contacts AS MATERIALIZED (
    SELECT array_append(contact.further_emails, contact.email) AS emails
    FROM crm_contacts AS contact
    WHERE contact.email = ANY(%(emails)s::text[]) AND contact.deleted_at IS NULL
    UNION
    SELECT array_append(contact.further_emails, contact.email)
    FROM crm_contacts AS contact
    WHERE contact.further_emails <> '{}' AND contact.further_emails && %(emails)s::text[]
        AND contact.deleted_at IS NULL
),
theirs AS MATERIALIZED (
    SELECT one AS email, other AS address
    FROM contacts CROSS JOIN LATERAL unnest(emails) AS one CROSS JOIN LATERAL unnest(emails) AS other
    WHERE one = ANY(%(emails)s::text[])
    UNION
    SELECT one.email, other.email FROM lead_emails AS one JOIN lead_emails AS other USING (lead_id)
    WHERE one.email = ANY(%(emails)s::text[])
)
SELECT given.email FROM unnest(%(emails)s::text[]) AS given (email)
WHERE EXISTS (SELECT FROM mail_suppressions AS wish WHERE wish.address_hash = address_hash(given.email))
    OR given.email IN (
        SELECT theirs.email
        FROM theirs JOIN mail_suppressions AS wish ON wish.address_hash = address_hash(theirs.address)
        WHERE wish.reason = 'unsubscribed'
    )

-- message_of_id --
SELECT message.campaign_id, message.lead_id, message.sent_at
FROM campaign_messages AS message
WHERE message.id = %(id)s

-- results_by_day --
-- Messages on the day they were sent, what came of them on its own.
SELECT day, sum(sent)::integer AS sent, sum(replied)::integer AS replied, sum(unsubscribed)::integer AS unsubscribed,
    sum(bounced)::integer AS bounced, sum(booked)::integer AS booked
FROM (
    SELECT (sent_at AT TIME ZONE 'UTC')::date AS day, 1 AS sent, 0 AS replied, 0 AS unsubscribed, 0 AS bounced,
        0 AS booked
    FROM campaign_messages WHERE campaign_id = %(id)s AND sent_at IS NOT NULL
    UNION ALL
    SELECT (at AT TIME ZONE 'UTC')::date, 0, (kind = 'replied')::integer, (kind = 'unsubscribed')::integer,
        (kind = 'bounced')::integer, (kind = 'booked')::integer
    FROM campaign_results WHERE campaign_id = %(id)s
) AS counted
GROUP BY day
ORDER BY day

-- results_by_variant --
SELECT message.variant, count(*)::integer AS people,
    count(replied.at)::integer AS replied, count(booked.at)::integer AS booked,
    count(unsubscribed.at)::integer AS unsubscribed, (array_agg(message.subject ORDER BY message.sent_at))[1] AS subject
FROM campaign_messages AS message
LEFT JOIN campaign_results AS replied ON replied.campaign_id = message.campaign_id
    AND replied.lead_id = message.lead_id AND replied.kind = 'replied'
LEFT JOIN campaign_results AS booked ON booked.campaign_id = message.campaign_id
    AND booked.lead_id = message.lead_id AND booked.kind = 'booked'
LEFT JOIN campaign_results AS unsubscribed ON unsubscribed.campaign_id = message.campaign_id
    AND unsubscribed.lead_id = message.lead_id AND unsubscribed.kind = 'unsubscribed'
WHERE message.campaign_id = %(id)s AND message.step = 0 AND message.sent_at IS NOT NULL
GROUP BY message.variant
ORDER BY message.variant

-- campaign_message_company --
SELECT company FROM campaign_messages WHERE id = %(id)s

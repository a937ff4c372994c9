-- insert_messages --
-- For each lead one a step, the first ones first; of those who are left out one that says why.
INSERT INTO campaign_messages (
    campaign_id, lead_id, step, position, variant, status, reason, send_after, updated_at
)
SELECT %(id)s, given.lead_id, step, given.position + step * %(leads)s, given.variant,
    CASE WHEN given.reason IS NULL THEN 'waiting' ELSE 'skipped' END, given.reason,
    CASE WHEN step = 0 THEN '-infinity'::timestamptz ELSE 'infinity'::timestamptz END, %(now)s
FROM unnest(%(lead_ids)s::uuid[], %(positions)s::integer[], %(variants)s::smallint[], %(reasons)s::text[])
    AS given (lead_id, position, variant, reason)
CROSS JOIN generate_series(0, %(follow_ups)s::integer) AS step
WHERE given.reason IS NULL OR step = 0
ON CONFLICT (campaign_id, lead_id, step) DO NOTHING

-- claim_message --
-- The next that nobody writes; a follow-up once what it follows is written, which it is not to say again. Those being
-- written count as written, so that a preview has as many as it was asked for.
UPDATE campaign_messages AS message
SET attempts = attempts + 1, write_until = now() + %(lease_s)s * interval '1 second'
FROM campaigns AS campaign
WHERE campaign.id = message.campaign_id AND message.id = (
    SELECT next.id
    FROM campaigns AS running
    JOIN campaign_messages AS next ON next.campaign_id = running.id
    WHERE running.status = 'generating' AND next.status = 'waiting' AND next.write_until <= now()
        AND NOT EXISTS (
            SELECT FROM campaign_messages AS before
            WHERE before.campaign_id = next.campaign_id AND before.lead_id = next.lead_id AND before.step < next.step
                AND before.status = 'waiting'
        )
        AND (running.wanted IS NULL OR running.wanted > (
            SELECT count(*) FROM campaign_messages AS other
            WHERE other.campaign_id = running.id
                AND (other.status NOT IN ('waiting', 'skipped') OR other.write_until > now())
        ))
    ORDER BY running.updated_at, next.position
    FOR UPDATE OF next SKIP LOCKED
    LIMIT 1
)
RETURNING message.id, message.lead_id, message.step, message.variant, message.attempts, campaign.goal,
    campaign.agent, ARRAY(
        SELECT before.body FROM campaign_messages AS before
        WHERE before.campaign_id = message.campaign_id AND before.lead_id = message.lead_id
            AND before.step < message.step AND before.body IS NOT NULL
        ORDER BY before.step
    ) AS earlier

-- next_lease_end --
-- When what a process has in its hands is another's to write.
SELECT min(message.write_until)
FROM campaigns AS campaign JOIN campaign_messages AS message ON message.campaign_id = campaign.id
WHERE campaign.status = 'generating' AND message.status = 'waiting' AND message.write_until > now()

-- message_written --
-- Nothing when it was skipped meanwhile, or is another process's.
UPDATE campaign_messages
SET status = 'drafted', subject = %(subject)s, body = %(body)s, agent = %(agent)s, company = %(company)s,
    engine = %(engine)s, execution_id = %(execution_id)s, cost_usd = cost_usd + %(cost_usd)s, write_until = '-infinity', updated_at = %(now)s
WHERE id = %(id)s AND status = 'waiting' AND attempts = %(attempts)s

-- message_not_written --
-- ``reason``: for good.
UPDATE campaign_messages
SET status = CASE WHEN %(status)s::text IS NULL THEN status ELSE %(status)s END, reason = %(reason)s,
    cost_usd = cost_usd + %(cost_usd)s,
    write_until = now() + %(again_s)s * interval '1 second', updated_at = %(now)s
WHERE id = %(id)s AND status = 'waiting' AND attempts = %(attempts)s

-- message_give_back --
-- The attempt does not count.
UPDATE campaign_messages
SET attempts = attempts - 1, write_until = now() + %(again_s)s * interval '1 second', updated_at = %(now)s
WHERE id = %(id)s AND status = 'waiting' AND attempts = %(attempts)s

-- skip_unwanted --
-- Nothing of a message to somebody who wants none is kept.
UPDATE campaign_messages AS message
SET status = 'skipped', reason = CASE WHEN leads.opted_out_at IS NULL THEN 'suppressed' ELSE 'opted_out' END,
    subject = NULL, body = NULL, updated_at = %(now)s
FROM leads
WHERE leads.id = message.lead_id AND message.campaign_id = %(id)s
    AND is_ahead(message)
    AND (
        leads.opted_out_at IS NOT NULL
        OR EXISTS (SELECT FROM mail_suppressions WHERE address_hash = address_hash(leads.contact_email))
    )

-- list_messages --
-- plan: each time
-- A follow-up goes into the thread of the first message, under its subject.
SELECT message.id, message.campaign_id, message.lead_id, message.step, message.position, message.status,
    message.reason, message.variant,
    CASE WHEN message.step > 0 AND message.body IS NOT NULL THEN 'Re: ' || first.subject ELSE message.subject END
        AS subject,
    message.body, message.agent, message.engine, message.cost_usd, message.sent_at, message.updated_at,
    leads.contact_name, leads.contact_email, leads.company_name
FROM campaign_messages AS message
JOIN leads ON leads.id = message.lead_id
LEFT JOIN campaign_messages AS first ON first.campaign_id = message.campaign_id AND first.lead_id = message.lead_id
    AND first.step = 0
WHERE message.campaign_id = %(id)s
    AND message.status = %(status)s -- if status
    AND message.lead_id = %(lead_id)s -- if lead_id
    AND message.step = %(step)s -- if step
    AND message.position > %(after)s -- if after
ORDER BY message.position
LIMIT %(rows)s

-- messages_in_touch --
SELECT id FROM campaign_messages AS message
WHERE id = ANY(%(ids)s::uuid[]) AND is_in_touch(message, %(now)s)

-- change_message --
UPDATE campaign_messages
SET subject = coalesce(%(subject)s, subject), body = coalesce(%(body)s, body),
    status = CASE
        WHEN %(status)s::text IS NOT NULL THEN %(status)s
        WHEN status = 'approved' AND NOT %(may_approve)s AND coalesce(%(subject)s, %(body)s) IS NOT NULL THEN 'drafted'
        ELSE status
    END,
    reason = CASE WHEN %(status)s::text IS NULL THEN reason END,
    approved_by = CASE WHEN %(status)s = 'approved' THEN %(approved_by)s ELSE approved_by END,
    approved_alone_at = CASE WHEN %(status)s = 'approved' THEN %(now)s ELSE approved_alone_at END, updated_at = %(now)s
WHERE campaign_id = %(id)s AND lead_id = %(lead_id)s AND step = %(step)s
    AND status IN ('drafted', 'approved', 'rejected')

-- approve_messages --
-- But what follows a message that is not to go out, or was never written, and what a person is to look at.
UPDATE campaign_messages AS message SET status = 'approved', approved_by = %(approved_by)s, updated_at = %(now)s
WHERE campaign_id = %(id)s AND status = 'drafted' AND reason IS DISTINCT FROM 'in_touch' AND NOT EXISTS (
    SELECT FROM campaign_messages AS before
    WHERE before.campaign_id = message.campaign_id AND before.lead_id = message.lead_id AND before.step < message.step
        AND before.status IN ('rejected', 'failed')
)

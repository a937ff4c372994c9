-- insert_campaign --
INSERT INTO campaigns (id, name, channel, goal, audience, budget_usd, status, created_at, updated_at)
VALUES (%(id)s, %(name)s, %(channel)s, %(goal)s, %(audience)s, %(budget_usd)s, 'draft', %(now)s, %(now)s)

-- insert_messages --
INSERT INTO campaign_messages (campaign_id, lead_id, position, status, reason, updated_at)
SELECT %(id)s, given.lead_id, given.position, CASE WHEN given.reason IS NULL THEN 'waiting' ELSE 'skipped' END,
    given.reason, %(now)s
FROM unnest(%(lead_ids)s::uuid[], %(positions)s::integer[], %(reasons)s::text[]) AS given (lead_id, position, reason)
ON CONFLICT (campaign_id, lead_id) DO NOTHING

-- select_campaign --
SELECT id, name, channel, goal, audience, budget_usd, status, reason, wanted, created_at, updated_at
FROM campaigns WHERE id = %(id)s

-- list_campaigns --
-- plan: each time
SELECT id, name, channel, goal, audience, budget_usd, status, reason, wanted, created_at, updated_at
FROM campaigns
WHERE true
    AND (created_at, id) < (%(before)s, %(before_id)s) -- if before
ORDER BY created_at DESC, id DESC
LIMIT %(rows)s

-- count_messages --
SELECT campaign_id, status, reason, count(*) AS messages, sum(cost_usd) AS cost_usd
FROM campaign_messages
WHERE campaign_id = ANY(%(ids)s::uuid[])
GROUP BY campaign_id, status, reason

-- lock_campaign --
SELECT status FROM campaigns WHERE id = %(id)s FOR UPDATE

-- set_status --
UPDATE campaigns
SET status = %(status)s, reason = %(reason)s, wanted = %(wanted)s, updated_at = %(now)s
WHERE id = %(id)s

-- change_campaign --
UPDATE campaigns
SET name = coalesce(%(name)s, name), budget_usd = coalesce(%(budget_usd)s, budget_usd), updated_at = %(now)s
WHERE id = %(id)s

-- written_of --
SELECT count(*) FILTER (WHERE status NOT IN ('waiting', 'skipped')) FROM campaign_messages WHERE campaign_id = %(id)s

-- settle_campaigns --
-- Those that have what is wanted of them, or have spent what they may, pause or are ready.
WITH counted AS (
    SELECT campaign.id, campaign.wanted, campaign.budget_usd,
        count(*) FILTER (WHERE message.status = 'waiting') AS waiting,
        count(*) FILTER (WHERE message.status NOT IN ('waiting', 'skipped')) AS written,
        coalesce(sum(message.cost_usd), 0) AS spent
    FROM campaigns AS campaign
    LEFT JOIN campaign_messages AS message ON message.campaign_id = campaign.id
    WHERE campaign.status = 'generating'
    GROUP BY campaign.id
)
UPDATE campaigns AS campaign
SET status = CASE WHEN counted.waiting = 0 THEN 'ready' ELSE 'paused' END,
    reason = CASE
        WHEN counted.waiting = 0 THEN NULL WHEN counted.spent >= counted.budget_usd THEN 'budget' ELSE 'preview'
    END,
    updated_at = %(now)s
FROM counted
WHERE campaign.id = counted.id AND campaign.status = 'generating' AND (
    counted.waiting = 0 OR counted.spent >= counted.budget_usd OR counted.written >= counted.wanted
)

-- claim_message --
-- The next that nobody writes. Those being written count as written, so that a preview has as many as it was asked for.
UPDATE campaign_messages AS message
SET attempts = attempts + 1, write_until = now() + %(lease_s)s * interval '1 second'
FROM campaigns AS campaign
WHERE campaign.id = message.campaign_id AND (message.campaign_id, message.lead_id) = (
    SELECT next.campaign_id, next.lead_id
    FROM campaigns AS running
    JOIN campaign_messages AS next ON next.campaign_id = running.id
    WHERE running.status = 'generating' AND next.status = 'waiting' AND next.write_until <= now()
        AND (running.wanted IS NULL OR running.wanted > (
            SELECT count(*) FROM campaign_messages AS other
            WHERE other.campaign_id = running.id
                AND (other.status NOT IN ('waiting', 'skipped') OR other.write_until > now())
        ))
    ORDER BY running.updated_at, next.position
    FOR UPDATE OF next SKIP LOCKED
    LIMIT 1
)
RETURNING message.campaign_id, message.lead_id, message.attempts, campaign.goal

-- message_written --
-- Nothing when it was skipped meanwhile, or is another process's.
UPDATE campaign_messages
SET status = 'drafted', subject = %(subject)s, body = %(body)s, engine = %(engine)s, execution_id = %(execution_id)s,
    cost_usd = cost_usd + %(cost_usd)s, write_until = '-infinity', updated_at = %(now)s
WHERE campaign_id = %(campaign_id)s AND lead_id = %(lead_id)s AND status = 'waiting' AND attempts = %(attempts)s

-- message_not_written --
-- ``reason``: for good.
UPDATE campaign_messages
SET status = CASE WHEN %(status)s::text IS NULL THEN status ELSE %(status)s END, reason = %(reason)s,
    cost_usd = cost_usd + %(cost_usd)s,
    write_until = now() + %(again_s)s * interval '1 second', updated_at = %(now)s
WHERE campaign_id = %(campaign_id)s AND lead_id = %(lead_id)s AND status = 'waiting' AND attempts = %(attempts)s

-- skip_opted_out --
-- Nothing of a message to somebody who wants none is kept.
UPDATE campaign_messages AS message
SET status = 'skipped', reason = 'opted_out', subject = NULL, body = NULL, updated_at = %(now)s
FROM leads
WHERE leads.id = message.lead_id AND leads.opted_out_at IS NOT NULL AND message.campaign_id = %(id)s
    AND message.status <> 'skipped'

-- list_messages --
-- plan: each time
SELECT message.campaign_id, message.lead_id, message.position, message.status, message.reason, message.subject,
    message.body, message.engine, message.cost_usd, message.updated_at,
    leads.contact_name, leads.contact_email, leads.company_name
FROM campaign_messages AS message
JOIN leads ON leads.id = message.lead_id
WHERE message.campaign_id = %(id)s
    AND message.status = %(status)s -- if status
    AND message.lead_id = %(lead_id)s -- if lead_id
    AND message.position > %(after)s -- if after
ORDER BY message.position
LIMIT %(rows)s

-- change_message --
UPDATE campaign_messages
SET subject = coalesce(%(subject)s, subject), body = coalesce(%(body)s, body), status = coalesce(%(status)s, status),
    updated_at = %(now)s
WHERE campaign_id = %(id)s AND lead_id = %(lead_id)s AND status IN ('drafted', 'approved', 'rejected')

-- approve_messages --
UPDATE campaign_messages SET status = 'approved', updated_at = %(now)s
WHERE campaign_id = %(id)s AND status = 'drafted'

-- persons_wanted --
-- Open conversations in which a person was asked for since then, and nobody has taken over. The longest wait first.
SELECT c.id, c.channel, o.since, o.reason, l.contact_name AS name, l.company_name AS company
FROM (
    SELECT conversation_id, max(created_at) AS since,
        (array_agg(data ->> 'reason' ORDER BY created_at DESC))[1] AS reason
    FROM conversation_outcomes
    WHERE kind = 'handoff' AND created_at >= %(after)s
    GROUP BY conversation_id
) o
JOIN conversations c ON c.id = o.conversation_id AND c.status = 'open'
LEFT JOIN leads l ON l.id = c.lead_id
WHERE NOT EXISTS (
    SELECT FROM operator_acts a
    WHERE a.conversation_id = c.id AND a.kind = 'takeover' AND a.created_at >= o.since
)
ORDER BY o.since, c.id
LIMIT %(rows)s

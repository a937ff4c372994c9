-- open_matters --
-- Of one lead, newest first: who asked for a person within the last month, and what an agent waits for.
SELECT 'person_wanted' AS kind, created_at AS since, conversation_id, NULL AS thread_id, NULL AS agent
FROM conversation_outcomes
WHERE lead_id = %(lead_id)s AND kind = 'handoff' AND created_at >= %(since)s
UNION ALL
SELECT 'answer_wanted', updated_at, NULL, thread_id, current_agent
FROM workflow_state
WHERE lead_id = %(lead_id)s AND status = 'pending'
ORDER BY since DESC
LIMIT %(rows)s

-- claim --
-- No row comes back for a conversation that does not exist.
INSERT INTO conversation_claims (conversation_id)
SELECT id FROM conversations WHERE id = %(id)s AND words_gone_at IS NULL
ON CONFLICT (conversation_id) DO UPDATE SET fence = conversation_claims.fence + 1
RETURNING fence, noticed, released, (SELECT status FROM conversations WHERE id = %(id)s) AS status

-- claim_from --
-- Only of the holder with this number, while the conversation is open. One that nobody ever claimed is held with 0.
INSERT INTO conversation_claims (conversation_id)
SELECT id FROM conversations
WHERE id = %(id)s AND status = 'open'
    AND (%(fence)s::bigint = 0 OR EXISTS (SELECT FROM conversation_claims WHERE conversation_id = %(id)s))
ON CONFLICT (conversation_id) DO UPDATE SET fence = conversation_claims.fence + 1
WHERE conversation_claims.fence = %(fence)s::bigint
RETURNING fence

-- claim_state --
SELECT noticed, released FROM conversation_claims WHERE conversation_id = %(id)s

-- claims_lost --
-- Of what this process holds, what another holder has claimed since. Says so to whoever waits for it.
WITH lost AS (
    SELECT held.id, held.fence
    FROM unnest(%(ids)s::text[], %(fences)s::bigint[]) AS held (id, fence)
    JOIN conversation_claims AS claim ON claim.conversation_id = held.id AND claim.fence > held.fence
),
noted AS (
    UPDATE conversation_claims AS claim SET noticed = greatest(claim.noticed, lost.fence)
    FROM lost WHERE claim.conversation_id = lost.id
)
SELECT id, fence FROM lost

-- claim_release --
UPDATE conversation_claims SET released = greatest(released, %(fence)s)
WHERE conversation_id = %(id)s AND fence > %(fence)s

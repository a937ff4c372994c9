-- consent_put --
INSERT INTO call_consents (number, kind, source, given_at, valid_until, lead_id, recorded_by, updated_at)
VALUES (
    %(number)s, %(kind)s, %(source)s, %(given_at)s, %(valid_until)s, %(lead_id)s, %(recorded_by)s, %(now)s
)
ON CONFLICT (number) DO UPDATE SET
    kind = excluded.kind, source = excluded.source, given_at = excluded.given_at, valid_until = excluded.valid_until,
    lead_id = coalesce(excluded.lead_id, call_consents.lead_id), recorded_by = excluded.recorded_by,
    updated_at = excluded.updated_at
RETURNING number, kind, source, given_at, valid_until, lead_id, recorded_by, updated_at

-- consent_get --
SELECT number, kind, source, given_at, valid_until, lead_id, recorded_by, updated_at
FROM call_consents WHERE number = %(number)s

-- consent_list --
-- plan: each time
SELECT call_consents.number, call_consents.kind, call_consents.source, call_consents.given_at,
    call_consents.valid_until, call_consents.lead_id, call_consents.recorded_by, call_consents.updated_at,
    leads.company_name, leads.contact_name
FROM call_consents LEFT JOIN leads ON leads.id = call_consents.lead_id
WHERE true
    AND call_consents.kind = %(kind)s -- if kind
    AND (call_consents.updated_at, call_consents.number) < (%(before_at)s, %(before_number)s) -- if before_number
ORDER BY call_consents.updated_at DESC, call_consents.number DESC
LIMIT %(rows)s

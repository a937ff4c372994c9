-- A contact that a conversation's call or note waits for goes out before all others.
ALTER TABLE crm_outbox ADD COLUMN urgent boolean NOT NULL DEFAULT false;

CREATE INDEX crm_outbox_in_turn ON crm_outbox (platform, kind, urgent DESC, due_at, id) WHERE state = 'pending';
CREATE INDEX crm_outbox_pressing ON crm_outbox (platform, due_at)
    WHERE state = 'pending' AND (urgent OR kind <> 'contact');

-- Who will talk with a client secret, where whoever minted it knows: a lead, or the number or address they call from.
ALTER TABLE client_secrets ADD COLUMN lead_id uuid;
ALTER TABLE client_secrets ADD COLUMN calls_from text;

-- Numbers that somebody in a conversation put on a lead that was there before: whoever calls from one may be them, and
-- may be anybody who named their address.
CREATE TABLE claimed_numbers (
    lead_id uuid NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    phone text NOT NULL,
    PRIMARY KEY (lead_id, phone)
);

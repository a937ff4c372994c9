-- A search for the beginning of an e-mail address, whatever the database's own order of letters.
CREATE INDEX leads_by_email_start ON leads (contact_email COLLATE "C") WHERE contact_email IS NOT NULL;

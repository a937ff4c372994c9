-- The number a contact got when it was asked about, the company's as a rule: the person's own takes its place.
ALTER TABLE crm_phone_requests ADD COLUMN stand_in text;

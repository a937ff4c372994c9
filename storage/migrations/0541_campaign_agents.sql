-- In whose name a campaign writes: a profile's slug. NULL: the default one.
ALTER TABLE campaigns ADD COLUMN agent text;

-- Whose name a message was written in, and the company it names. NULL: it is from before there were any.
ALTER TABLE campaign_messages ADD COLUMN agent text;
ALTER TABLE campaign_messages ADD COLUMN company text;

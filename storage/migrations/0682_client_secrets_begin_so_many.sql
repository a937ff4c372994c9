-- How many conversations a client secret still begins. What continues one is not counted.
ALTER TABLE client_secrets ADD COLUMN conversations_left integer NOT NULL DEFAULT 10 CHECK (conversations_left >= 0);

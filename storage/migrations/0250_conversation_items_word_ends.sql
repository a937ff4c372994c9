-- Where the words of a reply lie in its audio, so that a client that comes back later can still tell to the word what it
-- played; and which calls were of the server's own tools, so that one that was running when a process died is run again.
ALTER TABLE conversation_items
    ADD COLUMN word_ends jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN own_tool boolean NOT NULL DEFAULT false;

-- Of each answer of a lead, by its key: the question in its words then, when it was told, and who wrote it where a person
-- did.
ALTER TABLE leads ADD COLUMN answer_notes jsonb NOT NULL DEFAULT '{}';

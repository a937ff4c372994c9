-- A call list that is over can be put away.
ALTER TABLE call_lists ADD COLUMN archived_at timestamptz;

-- Why a campaign's sending is paused though nobody paused it, as a stable code.
ALTER TABLE campaigns ADD COLUMN held_code text;

-- Meetings are put into a calendar elsewhere as well.

-- kept_sequence: the last change that is there. keep_after: when whoever is putting one there is done or has failed.
ALTER TABLE bookings
    ADD COLUMN kept_sequence integer,
    ADD COLUMN keep_attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN keep_after timestamptz;

CREATE INDEX bookings_to_keep ON bookings (ends_at) WHERE kept_sequence IS DISTINCT FROM sequence;

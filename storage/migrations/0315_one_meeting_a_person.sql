-- Somebody who has a meeting coming is asked before there is a second, and it can be moved.

CREATE INDEX bookings_by_address ON bookings (lower(email), starts_at) WHERE status = 'booked' AND email IS NOT NULL;

-- A move that runs again finds what it did.
CREATE TABLE booking_moves (
    idempotency_key text PRIMARY KEY,
    booking_id text NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    moved_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX booking_moves_by_booking ON booking_moves (booking_id);

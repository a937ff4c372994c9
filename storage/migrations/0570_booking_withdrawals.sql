-- A meeting that is given another address: whoever may have been invited at the one before is told that it is off there.

-- With what that address was told, and a sequence of the event's own. A row goes when it was told or given up.
CREATE TABLE booking_withdrawals (
    booking_id text NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    sequence integer NOT NULL,
    email text NOT NULL,
    name text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (booking_id, sequence)
);

CREATE INDEX booking_withdrawals_due ON booking_withdrawals (due_at);

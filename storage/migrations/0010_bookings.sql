-- Meetings. The calendar decides here, where two processes cannot both have it their way, who gets a time.

-- ``blocked``: the meeting and the free time kept behind it. ``sequence`` counts the changes an attendee is told of.
-- ``invited_sequence``: the last change they were told of, or may have been; ``invite_after``: when the next attempt is
-- due; ``invite_error``: why the last one did not go out, as a stable code (mail_outcome_unknown: whether it did is not
-- known). While its mail is under way a booking is one sender's, who knows it by ``mails_begun`` and has it until
-- ``mailing_until``: whoever dies over it leaves it to the next, and a change made meanwhile waits for the mail before
-- it to be through. ``kept_sequence``: the last change that is in the calendar elsewhere; ``keep_after``: when whoever
-- is putting one there is done or has failed.
CREATE TABLE bookings (
    id text PRIMARY KEY,
    uid text NOT NULL UNIQUE,
    idempotency_key text NOT NULL UNIQUE,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    blocked tstzrange NOT NULL,
    status text NOT NULL DEFAULT 'booked' CHECK (status IN ('booked', 'cancelled')),
    time_zone text NOT NULL DEFAULT 'UTC',
    email text,
    name text,
    company text,
    notes text,
    lead_id uuid,
    conversation_id text,
    sequence integer NOT NULL DEFAULT 0,
    invited_sequence integer,
    invite_attempts integer NOT NULL DEFAULT 0,
    invite_after timestamptz,
    invite_error text,
    mails_begun integer NOT NULL DEFAULT 0,
    mailing_until timestamptz,
    kept_sequence integer,
    keep_attempts integer NOT NULL DEFAULT 0,
    keep_after timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT bookings_one_at_a_time EXCLUDE USING gist (blocked WITH &&) WHERE (status = 'booked')
);

CREATE INDEX bookings_by_time ON bookings (starts_at, id);
CREATE INDEX bookings_by_status ON bookings (status, starts_at, id);
CREATE INDEX bookings_by_lead ON bookings (lead_id, starts_at) WHERE lead_id IS NOT NULL;
CREATE INDEX bookings_by_conversation ON bookings (conversation_id) WHERE conversation_id IS NOT NULL;
-- Somebody who has a meeting coming is asked before there is a second, and it can be moved.
CREATE INDEX bookings_by_address ON bookings (lower(email), starts_at) WHERE status = 'booked' AND email IS NOT NULL;
CREATE INDEX bookings_by_any_address ON bookings (lower(email)) WHERE email IS NOT NULL;
CREATE INDEX bookings_to_invite ON bookings (invite_after) WHERE invite_after IS NOT NULL;
CREATE INDEX bookings_to_keep ON bookings (ends_at) WHERE kept_sequence IS DISTINCT FROM sequence;

-- Whether its attendee may have been invited: a mail went out, perhaps went out, or is under way.
CREATE FUNCTION is_perhaps_invited(booking bookings) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT booking.invited_sequence IS NOT NULL OR booking.mailing_until IS NOT NULL
$$;

-- A move that runs again finds what it did.
CREATE TABLE booking_moves (
    idempotency_key text PRIMARY KEY,
    booking_id text NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    moved_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX booking_moves_by_booking ON booking_moves (booking_id);

-- A meeting that is given another address: whoever may have been invited at the one before is told that it is off
-- there, with what that address was told, and a sequence of the event's own. A row goes when it was told or given up.
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

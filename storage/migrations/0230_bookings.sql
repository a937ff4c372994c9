-- Meetings. The calendar decides here, where two processes cannot both have it their way, who gets a time.

-- blocked: the meeting and the free time kept behind it. sequence counts the changes an attendee is told of;
-- invited_sequence is the last one an invitation went out for, invite_after when the next attempt is due.
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
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT bookings_one_at_a_time EXCLUDE USING gist (blocked WITH &&) WHERE (status = 'booked')
);

CREATE INDEX bookings_by_time ON bookings (starts_at, id);
CREATE INDEX bookings_by_status ON bookings (status, starts_at, id);
CREATE INDEX bookings_by_lead ON bookings (lead_id, starts_at) WHERE lead_id IS NOT NULL;
CREATE INDEX bookings_by_conversation ON bookings (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX bookings_to_invite ON bookings (invite_after) WHERE invite_after IS NOT NULL;

-- Meetings booked before there was a calendar. Their times are RFC 3339 in UTC, as book_meeting wrote them.
INSERT INTO bookings (
    id, uid, idempotency_key, starts_at, ends_at, blocked, email, name, company, notes, lead_id, conversation_id,
    created_at, updated_at
)
SELECT
    'bkg_' || md5(idempotency_key), md5(idempotency_key) || '@sales-agent', idempotency_key, start, start + length,
    tstzrange(start, start + length), data ->> 'email', data ->> 'name', data ->> 'company', data ->> 'notes',
    lead_id, conversation_id, created_at, created_at
FROM (
    SELECT *, (data ->> 'start')::timestamptz AS start,
        make_interval(mins => coalesce((data ->> 'duration_minutes')::integer, 30)) AS length
    FROM conversation_outcomes WHERE kind = 'meeting' AND data ? 'start'
) AS meetings
ON CONFLICT DO NOTHING;

-- A cancelled meeting gives its time back: who has it is told by the bookings alone.
DROP INDEX conversation_outcomes_one_meeting_a_time;

-- While its mail is under way a booking is one sender's, who knows it by mails_begun and has it until mailing_until.
-- Whoever dies over it leaves it to the next; a change made meanwhile waits for the mail before it to be through.
ALTER TABLE bookings ADD COLUMN mails_begun integer NOT NULL DEFAULT 0, ADD COLUMN mailing_until timestamptz;

UPDATE bookings SET mailing_until = invite_after WHERE invite_after IS NOT NULL AND invite_attempts > 0;

-- Whether its attendee may have been invited: a mail went out, perhaps went out, or is under way.
CREATE FUNCTION is_perhaps_invited(booking bookings) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT booking.invited_sequence IS NOT NULL OR booking.mailing_until IS NOT NULL
$$;

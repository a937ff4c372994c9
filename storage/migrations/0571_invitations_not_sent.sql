-- Whether an invitation went out is told. invited_sequence: the last change the attendee was told of, or may have been.
-- invite_error: why the last one did not go out, as a stable code; mail_outcome_unknown: whether it did is not known.
ALTER TABLE bookings ADD COLUMN invite_error text;

-- withdrawals_claim --
-- Whoever takes one has until due_at to send it; others look away. A meeting that is over need not be told of.
WITH claimed AS (
    UPDATE booking_withdrawals SET attempts = attempts + 1, due_at = %(again_at)s
    WHERE (booking_id, sequence) = (
        SELECT booking_id, sequence FROM booking_withdrawals WHERE due_at <= %(now)s AND ends_at > %(now)s
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING *
)
SELECT claimed.*, booking.uid, booking.company, booking.conversation_id
FROM claimed JOIN bookings AS booking ON booking.id = claimed.booking_id

-- withdrawal_again --
UPDATE booking_withdrawals SET due_at = %(again_at)s
WHERE booking_id = %(booking_id)s AND sequence = %(sequence)s AND attempts = %(attempts)s

-- withdrawal_over --
DELETE FROM booking_withdrawals WHERE booking_id = %(booking_id)s AND sequence = %(sequence)s

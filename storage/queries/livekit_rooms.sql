-- Times are the database's own: the clocks of processes may differ.

-- livekit_rooms_held --
-- In one order for everybody: two workers may hold the same room while one takes it over from the other.
INSERT INTO livekit_rooms (room_sid, room, metadata, server, agent_name, seen_at)
SELECT held.room_sid, held.room, held.metadata, %(server)s, %(agent_name)s, clock_timestamp()
FROM unnest(%(room_sids)s::text[], %(rooms)s::text[], %(metadata)s::text[]) AS held (room_sid, room, metadata)
ORDER BY held.room_sid
ON CONFLICT (room_sid) DO UPDATE SET seen_at = excluded.seen_at

-- livekit_room_left --
DELETE FROM livekit_rooms WHERE room_sid = %(room_sid)s

-- livekit_room_broke --
UPDATE livekit_rooms SET seen_at = '-infinity' WHERE room_sid = %(room_sid)s

-- livekit_room_dispatched --
UPDATE livekit_rooms SET dispatches = dispatches + 1 WHERE room_sid = %(room_sid)s

-- livekit_rooms_orphaned --
-- They count as seen now: whoever asks next does not get them as well.
UPDATE livekit_rooms SET seen_at = clock_timestamp()
WHERE room_sid IN (
    SELECT room_sid FROM livekit_rooms
    WHERE server = %(server)s AND agent_name = %(agent_name)s
        AND seen_at < clock_timestamp() - %(silence_s)s * interval '1 second'
    ORDER BY seen_at LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
RETURNING room_sid, room, metadata, dispatches

-- Rooms of LiveKit in which an agent talks. One whose worker has died is given to another: nobody but us does that.
CREATE TABLE livekit_rooms (
    room_sid text PRIMARY KEY,
    room text NOT NULL,
    metadata text NOT NULL,
    server text NOT NULL,
    agent_name text NOT NULL,
    seen_at timestamptz NOT NULL,
    dispatches integer NOT NULL DEFAULT 0
);

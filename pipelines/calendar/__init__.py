"""When meetings can be, and booking them: one port, an embedded calendar, and calendars elsewhere."""

-- A conversation is continued from its latest items, however many there are. Only columns that an item being spoken
-- keeps: it is still rewritten in place.
CREATE INDEX conversation_items_in_order ON conversation_items (conversation_id, position) WHERE NOT deleted;

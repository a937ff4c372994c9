-- How a caller began, by which a list tells one conversation from another. Only columns that do not change: an item
-- being spoken is still rewritten in place.
CREATE INDEX conversation_items_of_callers ON conversation_items (conversation_id, position) WHERE role = 'user';

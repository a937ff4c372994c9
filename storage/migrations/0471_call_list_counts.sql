-- How far lists are is counted, and whose turn it is found, without reading people's rows.
CREATE INDEX call_list_entries_counted ON call_list_entries (list_id, status, result, reason);
DROP INDEX call_list_entries_waiting;
CREATE INDEX call_list_entries_waiting ON call_list_entries (list_id, call_after, position) WHERE status = 'waiting';

-- Since when the first delivery of an endpoint waits is asked for with every look at the figures.
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, created_at) WHERE status = 'waiting';

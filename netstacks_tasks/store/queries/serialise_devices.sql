-- Keep devices, and others from what is kept per device, until the transaction ends; in one
-- order for everybody, so that no two wait for each other.
SELECT id FROM devices WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE

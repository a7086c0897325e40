-- Take a key; nothing when it is taken already. Waits for whoever is just taking it.
INSERT INTO idempotency_keys (owner, key, request) VALUES (%(owner)s, %(key)s, %(request)s)
ON CONFLICT DO NOTHING
RETURNING request, object_id, created_at

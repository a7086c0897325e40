-- Keys that are a day old; those that somebody else forgets just now are left to them.
DELETE FROM idempotency_keys WHERE (owner, key) IN (
    SELECT owner, key FROM idempotency_keys
    WHERE created_at < now() - interval '24 hours' LIMIT 1000 FOR UPDATE SKIP LOCKED)

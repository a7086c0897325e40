-- What a key was sent with, and what came of it.
SELECT request, object_id, created_at FROM idempotency_keys
WHERE owner = %(owner)s AND key = %(key)s

-- What the request of a key made.
UPDATE idempotency_keys SET object_id = %(object_id)s WHERE owner = %(owner)s AND key = %(key)s

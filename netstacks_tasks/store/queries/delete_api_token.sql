-- Revoked.
DELETE FROM api_tokens WHERE id = %(id)s

-- A new token.
INSERT INTO api_tokens (name, role, digest, expires_at)
VALUES (%(name)s, %(role)s, %(digest)s, %(expires_at)s)
RETURNING id, name, role, created_at, expires_at, last_used_at

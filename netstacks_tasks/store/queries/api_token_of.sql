-- Whose token this is, unless it has run out.
SELECT id, name, role, created_at, expires_at, last_used_at,
       (last_used_at IS NULL OR last_used_at < now() - interval '1 minute') AS stale
FROM api_tokens WHERE digest = %(digest)s AND (expires_at IS NULL OR expires_at > now())

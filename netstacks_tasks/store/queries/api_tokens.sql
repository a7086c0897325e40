-- Tokens by name.
SELECT id, name, role, created_at, expires_at, last_used_at FROM api_tokens
WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY name

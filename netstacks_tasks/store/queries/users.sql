-- Users by name: all, or one.
SELECT id, name, role, created_at FROM users
WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY name

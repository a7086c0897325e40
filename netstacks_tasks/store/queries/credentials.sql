-- Credentials by name: all, or the one with an id or a name.
SELECT id, name, block_name FROM credentials
WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY name

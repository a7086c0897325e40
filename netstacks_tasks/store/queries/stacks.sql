-- Stacks in their newest version, by name: all, or the one with an id or a name.
SELECT id, name, description, newest.version, newest.templates, newest.variables
FROM stacks
CROSS JOIN LATERAL (SELECT version, templates, variables FROM stack_versions
                    WHERE stack_id = stacks.id ORDER BY version DESC LIMIT 1) AS newest
WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY name

-- Stacks by name, in their newest version or a given one: all, or the one with an id or a name.
SELECT id, name, description, chosen.version, chosen.templates, chosen.variables
FROM stacks
CROSS JOIN LATERAL (SELECT version, templates, variables FROM stack_versions
                    WHERE stack_id = stacks.id
                      AND (%(version)s::integer IS NULL OR version = %(version)s)
                    ORDER BY version DESC LIMIT 1) AS chosen
WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY name

-- The next version of a stack, unless the newest is the same.
INSERT INTO stack_versions (stack_id, version, templates, variables)
SELECT %(id)s, COALESCE(newest.version, 0) + 1, %(templates)s, %(variables)s
FROM (SELECT 1) AS always
LEFT JOIN (SELECT version, templates, variables FROM stack_versions
           WHERE stack_id = %(id)s ORDER BY version DESC LIMIT 1) AS newest ON true
WHERE (newest.templates, newest.variables)
      IS DISTINCT FROM (%(templates)s::jsonb, %(variables)s::jsonb)

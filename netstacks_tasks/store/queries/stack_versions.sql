-- The versions of a stack, the newest first.
SELECT version, created_at FROM stack_versions WHERE stack_id = %(id)s ORDER BY version DESC

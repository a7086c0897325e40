-- One task, by id or by name.
SELECT * FROM tasks WHERE id = %(id)s::uuid OR name = %(name)s::text

-- One task, by id or by name, which nobody else edits until the transaction ends.
SELECT * FROM tasks WHERE id = %(id)s::uuid OR name = %(name)s::text FOR NO KEY UPDATE

-- The next tasks, by id.
SELECT id, name FROM tasks WHERE id > %(after)s ORDER BY id LIMIT %(limit)s

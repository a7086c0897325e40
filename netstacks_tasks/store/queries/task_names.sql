-- What some tasks are called.
SELECT id, name FROM tasks WHERE id = ANY(%(ids)s)

-- Does the history know the run?
SELECT 1 FROM task_runs WHERE id = %(id)s

-- A task follows the settings again.
DELETE FROM task_retention WHERE task_id = %(task_id)s

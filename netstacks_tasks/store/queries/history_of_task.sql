-- The newest runs of one task.
SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at, ended_at,
       attempts, message, summary
FROM task_runs WHERE task_id = %(task_id)s
ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s

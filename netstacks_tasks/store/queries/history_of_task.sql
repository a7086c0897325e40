-- The runs of one task after a place in its history.
SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at, ended_at,
       attempts, message, summary
FROM task_runs
WHERE task_id = %(task_id)s AND (scheduled_for, id) < (%(time)s::timestamptz, %(id)s::uuid)
ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s

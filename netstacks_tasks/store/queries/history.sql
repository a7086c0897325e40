-- The runs of all tasks, or of very many, after a place in the history.
SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at, ended_at,
       attempts, message, summary
FROM task_runs
WHERE (scheduled_for, id) < (%(time)s::timestamptz, %(id)s::uuid) AND scheduled_for >= %(since)s
  AND (%(task)s::text IS NULL
       OR task_id IN (SELECT id FROM tasks WHERE strpos(lower(name), lower(%(task)s)) > 0)
       OR task_id IS NULL AND strpos(lower(task_name), lower(%(task)s)) > 0)
ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s

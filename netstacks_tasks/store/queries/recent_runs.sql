-- The newest runs that match a search.
SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at, ended_at,
       attempts, message, summary
FROM task_runs
WHERE (%(task)s::text IS NULL OR strpos(lower(task_name), lower(%(task)s)) > 0)
  AND (%(task_type)s::text IS NULL OR task_type = %(task_type)s)
  AND (%(states)s::text[] IS NULL OR state = ANY (%(states)s))
  AND (%(since)s::timestamptz IS NULL OR scheduled_for >= %(since)s)
  AND (%(before_time)s::timestamptz IS NULL
       OR (scheduled_for, id) < (%(before_time)s, %(before_id)s::uuid))
ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s

-- The runs in some states and of some types after a place in the history. Each state of
-- each type has an order of its own in the index, of which no more than a page is read.
SELECT found.*
FROM unnest(%(states)s::text[]) AS wanted (state)
CROSS JOIN unnest(%(task_types)s::text[]) AS kinds (task_type)
CROSS JOIN LATERAL (
    SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at, ended_at,
           attempts, message, summary
    FROM task_runs
    WHERE task_runs.state = wanted.state AND task_runs.task_type = kinds.task_type
      AND (scheduled_for, id) < (%(time)s::timestamptz, %(id)s::uuid)
      AND scheduled_for >= %(since)s
      AND (%(task)s::text IS NULL
           OR task_id IN (SELECT id FROM tasks WHERE strpos(lower(name), lower(%(task)s)) > 0)
           OR task_id IS NULL AND strpos(lower(task_name), lower(%(task)s)) > 0)
    ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s
) AS found
ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s

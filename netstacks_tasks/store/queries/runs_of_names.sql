-- The runs of some tasks, and of deleted ones by their names (id null), after a place in
-- the history. Of each no more than a page is read.
SELECT found.*
FROM unnest(%(ids)s::uuid[], %(names)s::text[]) AS wanted (id, name)
CROSS JOIN LATERAL (
    (SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at,
            ended_at, attempts, message, summary
     FROM task_runs
     WHERE task_id = wanted.id
       AND (scheduled_for, id) < (%(time)s::timestamptz, %(id)s::uuid)
       AND scheduled_for >= %(since)s
       AND state = ANY (%(states)s) AND task_type = ANY (%(task_types)s)
     ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at,
            ended_at, attempts, message, summary
     FROM task_runs
     WHERE wanted.id IS NULL AND task_id IS NULL AND task_name = wanted.name
       AND (scheduled_for, id) < (%(time)s::timestamptz, %(id)s::uuid)
       AND scheduled_for >= %(since)s
       AND state = ANY (%(states)s) AND task_type = ANY (%(task_types)s)
     ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s)
) AS found
ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s

-- Of tasks that have as many runs as are kept by count: the oldest of those.
SELECT wanted.task_id, oldest.scheduled_for, oldest.id
FROM unnest(%(tasks)s::uuid[], %(kept)s::int[]) AS wanted (task_id, kept)
CROSS JOIN LATERAL (
    SELECT scheduled_for, id FROM task_runs WHERE task_id = wanted.task_id
    ORDER BY scheduled_for DESC, id DESC OFFSET wanted.kept - 1 LIMIT 1
) AS oldest

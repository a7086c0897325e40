-- Say in the tasks how the run that began last stands: one of the latest times, caught up or not.
UPDATE tasks SET last_run_at = newest.started_at, last_status = newest.state
FROM unnest(%(ids)s::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT started_at, state FROM (
        SELECT started_at, state FROM task_runs
        WHERE task_id = wanted.id AND started_at IS NOT NULL
        ORDER BY scheduled_for DESC, id DESC LIMIT 100
    ) AS latest
    ORDER BY started_at DESC LIMIT 1
) AS newest
WHERE tasks.id = wanted.id
  AND (tasks.last_run_at, tasks.last_status) IS DISTINCT FROM (newest.started_at, newest.state)

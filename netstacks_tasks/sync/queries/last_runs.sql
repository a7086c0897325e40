-- Say in the tasks how their newest run stands.
UPDATE tasks SET last_run_at = newest.started_at, last_status = newest.state
FROM (
    SELECT DISTINCT ON (task_id) task_id, started_at, state
    FROM task_runs WHERE task_id = ANY (%(ids)s) AND started_at IS NOT NULL
    ORDER BY task_id, started_at DESC
) AS newest
WHERE tasks.id = newest.task_id
  AND (tasks.last_run_at, tasks.last_status) IS DISTINCT FROM (newest.started_at, newest.state)

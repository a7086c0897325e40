-- The newest good result of each device, found from the task's newest run back.
SELECT wanted.device_id, newest.recorded_at
FROM unnest(%(devices)s::uuid[]) AS wanted (device_id)
JOIN devices ON devices.id = wanted.device_id
CROSS JOIN LATERAL (
    SELECT results.recorded_at
    FROM task_runs AS runs
    JOIN device_results AS results
      ON results.run_id = runs.id AND results.device_name = devices.name
     AND results.item = 'running' AND results.ok
    WHERE runs.task_id = %(task_id)s
    ORDER BY runs.scheduled_for DESC, runs.id DESC
    LIMIT 1
) AS newest

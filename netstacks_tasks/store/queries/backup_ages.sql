-- Devices that an enabled task backs up, and how many were read within a day and a week:
-- from each task's newest run back to the first that read the device.
WITH wanted AS (
    SELECT id AS task_id, (parameters ->> 'target_id')::uuid AS device_id
    FROM tasks
    WHERE task_type = 'backup' AND enabled AND parameters ->> 'target_type' = 'device'
    UNION ALL
    SELECT tasks.id, members.device_id
    FROM tasks JOIN device_group_members AS members
      ON members.group_id = (parameters ->> 'target_id')::uuid
    WHERE task_type = 'backup' AND enabled AND parameters ->> 'target_type' = 'device_group'
), newest AS (
    SELECT devices.id, max(good.recorded_at) AS read_at
    FROM wanted JOIN devices ON devices.id = wanted.device_id
    LEFT JOIN LATERAL (
        SELECT results.recorded_at
        FROM task_runs AS runs
        JOIN device_results AS results
          ON results.run_id = runs.id AND results.device_name = devices.name
         AND results.item = 'running' AND results.ok
        WHERE runs.task_id = wanted.task_id AND runs.scheduled_for > now() - interval '7 days'
        ORDER BY runs.scheduled_for DESC, runs.id DESC
        LIMIT 1
    ) AS good ON true
    GROUP BY devices.id
)
SELECT count(*) AS devices,
       count(*) FILTER (WHERE read_at > now() - interval '24 hours') AS within_day,
       count(*) FILTER (WHERE read_at > now() - interval '7 days') AS within_week
FROM newest

-- Versions in the order of their capture from a place on, with what a commit tells of them.
-- A version counts as open while its run goes on, for as long as that is worth waiting for.
SELECT versions.id, versions.device_id, COALESCE(devices.name, versions.device_name) AS device_name,
       versions.destination, versions.source, versions.task_id, runs.task_name, versions.run_id,
       versions.captured_at,
       runs.id IS NOT NULL AND runs.ended_at IS NULL
           AND versions.captured_at > clock_timestamp() - %(patience)s AS open
FROM (SELECT id, device_id, device_name, destination, source, task_id, run_id, captured_at
      FROM config_snapshots
      WHERE (captured_at, id) > (%(after_time)s, %(after_id)s::uuid)
      ORDER BY captured_at, id LIMIT %(limit)s) AS versions
LEFT JOIN devices ON devices.id = versions.device_id
LEFT JOIN LATERAL (SELECT id, task_name, ended_at FROM task_runs
                   WHERE id = versions.run_id LIMIT 1) AS runs ON true
ORDER BY versions.captured_at, versions.id

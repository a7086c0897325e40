-- Some tasks in the order of their ids in the list, each with its newest run.
SELECT tasks.*, newest.run_id, newest.state AS run_state,
       newest.scheduled_for AS run_scheduled_for, newest.started_at AS run_started_at,
       (SELECT outcome FROM run_attempts WHERE run_attempts.run_id = newest.run_id
        ORDER BY attempt DESC LIMIT 1) AS run_outcome
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS page (id, place)
JOIN tasks ON tasks.id = page.id
LEFT JOIN newest_runs AS newest ON newest.task_id = tasks.id
ORDER BY place

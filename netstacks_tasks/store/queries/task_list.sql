-- Tasks that match, each with its newest run; order and page follow.
SELECT tasks.*, newest.run_id, newest.state AS run_state,
       newest.scheduled_for AS run_scheduled_for, newest.started_at AS run_started_at,
       (SELECT outcome FROM run_attempts WHERE run_attempts.run_id = newest.run_id
        ORDER BY attempt DESC LIMIT 1) AS run_outcome
FROM tasks LEFT JOIN newest_runs AS newest ON newest.task_id = tasks.id
WHERE (%(text)s::text IS NULL OR strpos(lower(name), lower(%(text)s)) > 0)
  AND (%(task_type)s::text IS NULL OR task_type = %(task_type)s)
  AND (%(enabled)s::boolean IS NULL OR enabled = %(enabled)s)
  AND (%(states)s::text[] IS NULL OR COALESCE(newest.state, 'never') = ANY (%(states)s))

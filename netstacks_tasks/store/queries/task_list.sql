-- Tasks that match, each with its newest run; order and page follow.
SELECT tasks.*, newest.id AS run_id, newest.state AS run_state,
       newest.scheduled_for AS run_scheduled_for, newest.started_at AS run_started_at,
       newest.outcome AS run_outcome, count(*) OVER () AS found
FROM tasks LEFT JOIN LATERAL (
    SELECT id, state, scheduled_for, started_at,
           (SELECT outcome FROM run_attempts WHERE run_id = task_runs.id
            ORDER BY attempt DESC LIMIT 1) AS outcome
    FROM task_runs WHERE task_id = tasks.id
    ORDER BY task_runs.scheduled_for DESC, task_runs.id DESC LIMIT 1
) AS newest ON true
WHERE (%(text)s::text IS NULL OR strpos(lower(name), lower(%(text)s)) > 0)
  AND (%(task_type)s::text IS NULL OR task_type = %(task_type)s)
  AND (%(enabled)s::boolean IS NULL OR enabled = %(enabled)s)
  AND (%(states)s::text[] IS NULL OR COALESCE(newest.state, 'never') = ANY (%(states)s))

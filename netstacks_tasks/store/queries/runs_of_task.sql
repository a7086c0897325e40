-- Runs of a task with how their last attempt ended, the latest times first.
SELECT id, task_id, task_name, task_type, trigger, state, scheduled_for, task_runs.started_at,
       task_runs.ended_at, attempts, message, attempt.outcome, COALESCE(attempt.error, '') AS error
FROM task_runs LEFT JOIN LATERAL (
    SELECT outcome, error FROM run_attempts WHERE run_id = task_runs.id
    ORDER BY run_attempts.attempt DESC LIMIT 1) AS attempt ON true
WHERE task_id = %(task_id)s AND (scheduled_for, id) < (%(time)s::timestamptz, %(id)s::uuid)
ORDER BY scheduled_for DESC, id DESC LIMIT %(limit)s

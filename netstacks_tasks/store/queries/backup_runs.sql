-- A task's runs that were due, or at work, since a time.
SELECT id, state, scheduled_for, ended_at, message
FROM task_runs
WHERE task_id = %(task_id)s AND scheduled_for >= %(since)s::timestamptz - interval '7 days'
  AND (scheduled_for >= %(since)s OR ended_at IS NULL OR ended_at >= %(since)s)
ORDER BY scheduled_for DESC, id DESC

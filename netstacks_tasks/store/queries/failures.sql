-- Tasks with runs that went wrong since a time: of each the newest such run, and how
-- many there were. Those that went well again afterwards come last.
WITH wrong AS (
    SELECT DISTINCT ON (task_id, task_name)
           id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at,
           ended_at, attempts, message, count(*) OVER (PARTITION BY task_id, task_name) AS times
    FROM task_runs
    -- By state, type and time, for which there is an index: a run may take a day.
    WHERE state IN ('failed', 'crashed', 'missed') AND task_type = ANY (%(task_types)s)
      AND scheduled_for >= %(since)s::timestamptz - interval '1 day'
      AND COALESCE(ended_at, scheduled_for) >= %(since)s
    ORDER BY task_id, task_name, scheduled_for DESC, id DESC
), shown AS (
    SELECT wrong.*, COALESCE(tasks.last_status = 'completed'
                             AND tasks.last_run_at > wrong.scheduled_for, false) AS recovered,
           count(*) OVER () AS found
    FROM wrong LEFT JOIN tasks ON tasks.id = wrong.task_id
    ORDER BY recovered, scheduled_for DESC, wrong.id LIMIT %(limit)s
)
SELECT shown.*, attempt.outcome, COALESCE(attempt.error, '') AS error
FROM shown LEFT JOIN LATERAL (
    SELECT outcome, error FROM run_attempts WHERE run_id = shown.id
    ORDER BY attempt DESC LIMIT 1) AS attempt ON true
ORDER BY recovered, scheduled_for DESC, shown.id

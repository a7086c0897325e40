-- Runs that Prefect does not have; a time that never began is missed, once per task and time.
WITH gone AS (
    SELECT id, trigger = 'schedule' AND started_at IS NULL AND attempts = 0
               AND row_number() OVER (
                   PARTITION BY task_id, scheduled_for ORDER BY attempts, started_at NULLS FIRST
               ) = 1
               AND NOT EXISTS (
                   SELECT FROM task_runs AS other
                   WHERE other.task_id = run.task_id AND other.state = 'missed'
                     AND other.scheduled_for = run.scheduled_for) AS missed
    FROM task_runs AS run
    WHERE id = ANY (%(ids)s) AND ended_at IS NULL AND state <> 'missed'
)
UPDATE task_runs AS run
SET state = CASE WHEN gone.missed THEN 'missed' ELSE 'crashed' END,
    message = %(message)s, ended_at = now(), updated_at = now()
FROM gone
WHERE run.id = gone.id
RETURNING run.id, run.task_id, run.task_name, run.state

-- The attempts of a run.
SELECT run_id, attempt, started_at, ended_at, outcome, error
FROM run_attempts WHERE run_id = %(run_id)s ORDER BY attempt

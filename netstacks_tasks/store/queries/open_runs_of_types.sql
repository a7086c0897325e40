-- Every run that is not over: one that waits, works, or pauses between two attempts.
SELECT id, task_type, state, scheduled_for
FROM task_runs
WHERE ended_at IS NULL

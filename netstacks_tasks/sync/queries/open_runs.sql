-- Runs that have not ended as far as we know.
SELECT id FROM task_runs WHERE ended_at IS NULL AND state <> 'missed'

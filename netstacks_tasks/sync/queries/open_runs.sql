-- Runs that have not ended as far as we know, without some; a few at a time.
SELECT id FROM task_runs
WHERE ended_at IS NULL AND state <> 'missed' AND id > %(after)s AND id <> ALL (%(found)s::uuid[])
ORDER BY id
LIMIT %(limit)s

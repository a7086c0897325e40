-- A run is over.
UPDATE task_runs
SET state = %(state)s, message = %(message)s, ended_at = now(), updated_at = now()
WHERE id = %(id)s AND state <> 'missed'

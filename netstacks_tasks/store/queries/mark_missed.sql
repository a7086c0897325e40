-- A run whose time had passed when it began; nothing if that time is noted already.
UPDATE task_runs AS run
SET state = 'missed', message = %(message)s, ended_at = now(), updated_at = now()
WHERE id = %(id)s AND NOT EXISTS (
    SELECT FROM task_runs AS other
    WHERE other.task_id = run.task_id AND other.scheduled_for = run.scheduled_for
      AND other.state = 'missed')

-- Bring a known run up to date. What the flow wrote itself stays: a finished
-- row is only touched by a final state, a missed time stays missed.
UPDATE task_runs
SET state = %(state)s,
    started_at = COALESCE(started_at, %(started_at)s),
    ended_at = COALESCE(%(ended_at)s, ended_at),
    attempts = GREATEST(attempts, %(attempts)s),
    message = CASE WHEN message = '' OR %(ended_at)s::timestamptz IS NULL
                   THEN COALESCE(NULLIF(%(message)s, ''), message) ELSE message END,
    updated_at = now()
WHERE id = %(id)s AND state <> 'missed' AND (ended_at IS NULL OR %(ended_at)s::timestamptz IS NOT NULL)
RETURNING task_id

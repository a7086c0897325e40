-- The same attempt may begin twice: after its first process died unnoticed.
INSERT INTO run_attempts (run_id, attempt) VALUES (%(run_id)s, %(attempt)s)
ON CONFLICT (run_id, attempt) DO UPDATE
SET started_at = EXCLUDED.started_at, ended_at = NULL, outcome = NULL, error = ''

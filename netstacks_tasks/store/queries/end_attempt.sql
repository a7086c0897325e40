-- The first word on how it ended counts.
UPDATE run_attempts
SET outcome = COALESCE(outcome, %(outcome)s), ended_at = COALESCE(ended_at, now()),
    error = CASE WHEN ended_at IS NULL THEN %(error)s ELSE error END
WHERE run_id = %(run_id)s AND attempt = %(attempt)s

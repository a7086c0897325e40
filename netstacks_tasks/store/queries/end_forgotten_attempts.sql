-- An attempt that never said how it ended lost its process.
UPDATE run_attempts
SET ended_at = now(), outcome = 'crashed', error = 'the process of this attempt died'
WHERE run_id = %(run_id)s AND attempt < %(attempt)s AND ended_at IS NULL

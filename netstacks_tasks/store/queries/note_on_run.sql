-- Add to what a run says of itself; a key that is there already is replaced.
UPDATE task_runs SET summary = summary || %(note)s, updated_at = now() WHERE id = %(id)s

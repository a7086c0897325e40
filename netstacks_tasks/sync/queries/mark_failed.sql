-- Say why a row is not in Prefect as it should be; the next sync tries again.
UPDATE tasks SET synced_hash = NULL, sync_error = %(error)s WHERE id = %(id)s

-- Since when Prefect still has what was deleted first.
SELECT min(deleted_at) FROM deleted_tasks

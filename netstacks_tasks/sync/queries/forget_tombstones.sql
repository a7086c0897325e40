-- Their deployments are gone.
DELETE FROM deleted_tasks WHERE task_id = ANY (%(ids)s)

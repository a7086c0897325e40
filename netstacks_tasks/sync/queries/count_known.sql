-- How many deployments there are by our own record.
SELECT (SELECT count(deployment_id) FROM tasks)
     + (SELECT count(deployment_id) FROM deleted_tasks) AS count

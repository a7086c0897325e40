-- Tasks that are on, together with all others of the same schedule.
SELECT cron_expression, timezone, array_agg(id::text) AS ids, array_agg(name) AS names,
       array_agg(task_type) AS task_types
FROM tasks WHERE enabled GROUP BY cron_expression, timezone

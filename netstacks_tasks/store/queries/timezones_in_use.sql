-- The timezones of the tasks, the most used first.
SELECT timezone FROM tasks GROUP BY timezone ORDER BY count(*) DESC, timezone LIMIT 20

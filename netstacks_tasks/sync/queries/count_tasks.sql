-- How many tasks there are.
SELECT count(*) AS count FROM tasks

-- How many of the next entries are old enough to go, and the last of them.
SELECT count(*) FILTER (WHERE at < %(before)s) AS old, max(id) AS last
FROM (SELECT id, at FROM audit_log WHERE id > %(after)s ORDER BY id LIMIT %(limit)s) AS oldest

-- What a retry need not do again: the newest attempt at it went well.
SELECT device_id, item FROM (
    SELECT DISTINCT ON (device_name, item) device_id, item, ok
    FROM device_results WHERE run_id = %(run_id)s
    ORDER BY device_name, item, attempt DESC
) AS newest
WHERE ok AND device_id IS NOT NULL

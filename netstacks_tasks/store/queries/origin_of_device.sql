-- Where a device came from; no row: it was made here.
SELECT device_id, source, scope, key, groups
FROM device_origins
WHERE device_id = %(device_id)s

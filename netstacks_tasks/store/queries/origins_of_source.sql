-- The devices that came from a system, by their ids there.
SELECT device_id, source, scope, key, groups
FROM device_origins
WHERE source = %(source)s
ORDER BY key

-- How checks stand, for people: what is down first.
SELECT device_id, devices.name AS device_name, item, up, since, checked_at
FROM device_check_states JOIN devices ON devices.id = device_id
WHERE %(device_id)s::uuid IS NULL OR device_id = %(device_id)s
ORDER BY up, devices.name, item

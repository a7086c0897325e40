-- How the checks of some devices stood before.
SELECT device_id, item, up FROM device_check_states WHERE device_id = ANY(%(ids)s)

-- How a check stood before.
SELECT up FROM device_check_states WHERE device_id = %(device_id)s AND item = %(item)s

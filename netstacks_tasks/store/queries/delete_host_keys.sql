-- A person says that the key may have changed.
DELETE FROM device_host_keys WHERE device_id = %(id)s

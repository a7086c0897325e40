-- A device of a stack instance.
SELECT device_id FROM stack_instance_devices WHERE stack_instance_id = %(id)s LIMIT 1 FOR KEY SHARE

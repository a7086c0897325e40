-- How many devices there are: one, those of a group, of a stack instance, of a credential, or all.
SELECT count(*) FROM devices
WHERE (%(device_id)s::uuid IS NULL OR id = %(device_id)s)
  AND (%(group_id)s::uuid IS NULL OR id IN (
        SELECT device_id FROM device_group_members WHERE group_id = %(group_id)s))
  AND (%(stack_instance_id)s::uuid IS NULL OR id IN (
        SELECT device_id FROM stack_instance_devices
        WHERE stack_instance_id = %(stack_instance_id)s))
  AND (%(credential_id)s::uuid IS NULL OR credential_id = %(credential_id)s)

-- Put a device into groups.
INSERT INTO device_group_members (group_id, device_id)
SELECT unnest(%(groups)s::uuid[]), %(id)s
ON CONFLICT DO NOTHING

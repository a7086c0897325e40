-- Remember what a stack instance left on a device, unless one of the two is gone.
INSERT INTO stack_states (stack_instance_id, device_id, rendered_sha256, running_sha256)
SELECT stack_instances.id, devices.id, %(rendered)s, %(running)s
FROM stack_instances, devices
WHERE stack_instances.id = %(instance_id)s AND devices.id = %(device_id)s
ON CONFLICT (stack_instance_id, device_id) DO UPDATE
SET rendered_sha256 = EXCLUDED.rendered_sha256, running_sha256 = EXCLUDED.running_sha256,
    deployed_at = now()

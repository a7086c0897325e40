-- What a stack instance left on a device, when it last did.
SELECT rendered_sha256, running_sha256 FROM stack_states
WHERE stack_instance_id = %(instance_id)s AND device_id = %(device_id)s

-- One device of a stack instance, at its place in the order.
INSERT INTO stack_instance_devices (stack_instance_id, device_id, position, variables)
VALUES (%(id)s, %(device_id)s, %(position)s, %(variables)s)

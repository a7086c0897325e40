-- Before its devices are written anew.
DELETE FROM stack_instance_devices WHERE stack_instance_id = %(id)s

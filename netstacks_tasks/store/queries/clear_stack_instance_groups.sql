-- Before its groups are written anew.
DELETE FROM stack_instance_groups WHERE stack_instance_id = %(id)s

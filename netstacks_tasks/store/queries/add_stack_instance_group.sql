-- The variables of one group of a stack instance, at their place in the order.
INSERT INTO stack_instance_groups (stack_instance_id, group_id, position, variables)
VALUES (%(id)s, %(group_id)s, %(position)s, %(variables)s)

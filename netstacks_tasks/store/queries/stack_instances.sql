-- Stack instances with their groups and devices in order: all, or the one with an id or a name.
SELECT id, name, stack_id, version, variables, mode, canaries, batch_size, max_failures,
       post_checks, save,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('group_id', layers.group_id,
                                                     'variables', layers.variables)
                                  ORDER BY layers.position)
                 FROM stack_instance_groups AS layers
                 WHERE layers.stack_instance_id = stack_instances.id), '[]') AS groups,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('device_id', members.device_id,
                                                     'variables', members.variables)
                                  ORDER BY members.position)
                 FROM stack_instance_devices AS members
                 WHERE members.stack_instance_id = stack_instances.id), '[]') AS devices
FROM stack_instances
WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(name)s::text IS NULL OR name = %(name)s)
ORDER BY name

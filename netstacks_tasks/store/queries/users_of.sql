-- What relies on an item of the inventory: (kind, name), tasks first.
SELECT kind, name FROM (
    SELECT 1 AS place, 'task' AS kind, name FROM tasks
    WHERE CASE %(kind)s
        WHEN 'device' THEN parameters ->> 'target_type' = 'device'
                           AND parameters ->> 'target_id' = %(id_text)s
        WHEN 'device_group' THEN parameters ->> 'target_type' = 'device_group'
                           AND parameters ->> 'target_id' = %(id_text)s
        WHEN 'credential' THEN parameters ->> 'credential_id' = %(id_text)s
        WHEN 'script' THEN parameters ->> 'script_id' = %(id_text)s
        WHEN 'stack_instance' THEN parameters ->> 'stack_instance_id' = %(id_text)s
        ELSE false END
    UNION ALL
    SELECT 2, 'device', name FROM devices
    WHERE %(kind)s = 'credential' AND credential_id = %(id)s
    UNION ALL
    SELECT 3, 'stack instance', name FROM stack_instances
    WHERE (%(kind)s = 'stack' AND stack_id = %(id)s)
       OR (%(kind)s = 'device' AND id IN (
            SELECT stack_instance_id FROM stack_instance_devices WHERE device_id = %(id)s))
       OR (%(kind)s = 'device_group' AND id IN (
            SELECT stack_instance_id FROM stack_instance_groups WHERE group_id = %(id)s))
) AS users
ORDER BY place, name

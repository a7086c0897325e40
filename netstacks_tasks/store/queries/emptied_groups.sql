-- Groups that tasks work on and that have no device: (group, task).
SELECT device_groups.name, tasks.name
FROM tasks JOIN device_groups ON device_groups.id::text = tasks.parameters ->> 'target_id'
WHERE tasks.parameters ->> 'target_type' = 'device_group'
  AND NOT EXISTS (SELECT FROM device_group_members AS members
                  WHERE members.group_id = device_groups.id)
ORDER BY 1, 2

-- Devices by name, with the names of their groups: all, one, those of a group,
-- those that use a credential.
SELECT id, name, host, port, platform, site, credential_id, snmp, options,
       ARRAY(SELECT device_groups.name
             FROM device_group_members AS members
             JOIN device_groups ON device_groups.id = members.group_id
             WHERE members.device_id = devices.id
             ORDER BY device_groups.name) AS groups
FROM devices
WHERE (%(id)s::uuid IS NULL OR id = %(id)s)
  AND (%(name)s::text IS NULL OR name = %(name)s)
  AND (%(group_id)s::uuid IS NULL OR id IN (
        SELECT device_id FROM device_group_members WHERE group_id = %(group_id)s))
  AND (%(credential_id)s::uuid IS NULL OR credential_id = %(credential_id)s)
ORDER BY name

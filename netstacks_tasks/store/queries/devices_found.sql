-- Devices that match a search, by name, a page of them, with the names of their groups.
SELECT id, name, host, port, platform, site, credential_id, snmp, options,
       ARRAY(SELECT device_groups.name
             FROM device_group_members AS members
             JOIN device_groups ON device_groups.id = members.group_id
             WHERE members.device_id = devices.id
             ORDER BY device_groups.name) AS groups
FROM devices
WHERE (%(text)s::text IS NULL OR strpos(lower(name), lower(%(text)s)) > 0
       OR strpos(lower(host), lower(%(text)s)) > 0)
  AND (%(platform)s::text IS NULL OR platform = %(platform)s)
  AND (%(site)s::text IS NULL OR site = %(site)s)
  AND (%(group_id)s::uuid IS NULL OR id IN (
        SELECT device_id FROM device_group_members WHERE group_id = %(group_id)s))
  AND (%(credential_id)s::uuid IS NULL OR credential_id = %(credential_id)s)
ORDER BY name LIMIT %(limit)s OFFSET %(offset)s

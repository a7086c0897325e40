-- How many devices match a search: the same conditions as devices_found.
SELECT count(*) FROM devices
WHERE (%(text)s::text IS NULL OR strpos(lower(name), lower(%(text)s)) > 0
       OR strpos(lower(host), lower(%(text)s)) > 0)
  AND (%(platform)s::text IS NULL OR platform = %(platform)s)
  AND (%(site)s::text IS NULL OR site = %(site)s)
  AND (%(group_id)s::uuid IS NULL OR id IN (
        SELECT device_id FROM device_group_members WHERE group_id = %(group_id)s))
  AND (%(credential_id)s::uuid IS NULL OR credential_id = %(credential_id)s)

-- What was done, the latest first. What has no name of its own is called like what it belongs to.
SELECT audit_log.id, at, actor, via, address, action, kind, object_id, changes,
       COALESCE(NULLIF(object_name, ''),
                concat_ws(' in ', COALESCE(devices.name, stacks.name), device_groups.name))
           AS object_name
FROM audit_log
LEFT JOIN devices ON object_name = '' AND devices.id = object_id
LEFT JOIN stacks ON object_name = '' AND stacks.id = object_id
LEFT JOIN device_groups ON kind = 'device group member' AND device_groups.id::text
    = COALESCE(changes -> 'group_id' ->> 1, changes -> 'group_id' ->> 0)
WHERE (%(actors)s::text[] IS NULL OR actor = ANY(%(actors)s))
  AND (%(object_id)s::uuid IS NULL OR object_id = %(object_id)s)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND (%(before)s::bigint IS NULL OR audit_log.id < %(before)s)
ORDER BY audit_log.id DESC LIMIT %(limit)s

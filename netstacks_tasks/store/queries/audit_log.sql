-- What was done, the latest first.
SELECT id, at, actor, via, address, action, kind, object_id, object_name, changes
FROM audit_log
WHERE (%(actors)s::text[] IS NULL OR actor = ANY(%(actors)s))
  AND (%(object_id)s::uuid IS NULL OR object_id = %(object_id)s)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND (%(before)s::bigint IS NULL OR id < %(before)s)
ORDER BY id DESC LIMIT %(limit)s

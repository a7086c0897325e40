-- Versions that match, the newest first.
SELECT id, device_id, device_name, platform, task_id, run_id, destination, source, sha256,
       line_count, captured_at
FROM config_snapshots
WHERE (%(device_id)s::uuid IS NULL OR device_id = %(device_id)s)
  AND (%(device_name)s::text IS NULL OR device_name = %(device_name)s)
  AND (%(destination)s::text IS NULL OR destination = %(destination)s)
  AND (%(source)s::text IS NULL OR source = %(source)s)
  AND (%(before_time)s::timestamptz IS NULL
       OR (captured_at, id) < (%(before_time)s, %(before_id)s::uuid))
ORDER BY captured_at DESC, id DESC LIMIT %(limit)s

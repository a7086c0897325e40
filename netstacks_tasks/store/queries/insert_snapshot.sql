-- A new version. Its time is after the one before even when the clock went back.
INSERT INTO config_snapshots (id, device_id, device_name, platform, task_id, run_id, destination,
                              source, content, sha256, line_count, captured_at)
SELECT %(id)s, %(device_id)s, %(device_name)s, %(platform)s, %(task_id)s, %(run_id)s,
       %(destination)s, %(source)s, %(content)s, %(sha256)s, %(line_count)s,
       GREATEST(clock_timestamp(), max(captured_at) + interval '1 microsecond')
FROM config_snapshots
WHERE device_id = %(device_id)s AND destination = %(destination)s AND source = %(source)s

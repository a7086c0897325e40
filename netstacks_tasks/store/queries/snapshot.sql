-- One version with its text.
SELECT id, device_id, device_name, platform, task_id, run_id, destination, source, sha256,
       line_count, captured_at, content, sealed
FROM config_snapshots WHERE id = %(id)s

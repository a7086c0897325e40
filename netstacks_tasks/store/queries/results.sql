-- Everything a run found.
SELECT device_id, device_name, item, ok, summary, attempt, stage, cause, latency_ms, snapshot_id,
       changed
FROM device_results WHERE run_id = %(run_id)s
ORDER BY device_name, item, attempt

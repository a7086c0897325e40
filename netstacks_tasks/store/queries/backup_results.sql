-- How the devices of some runs fared; those that are no longer in the inventory left out.
SELECT run_id, device_id, device_name, item, ok, summary, attempt, stage, cause, recorded_at
FROM device_results
WHERE run_id = ANY (%(runs)s::uuid[]) AND device_id IS NOT NULL
ORDER BY run_id, device_name, item, attempt

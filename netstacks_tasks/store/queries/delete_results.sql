-- Some of the results of runs that go: a run may have thousands.
DELETE FROM device_results WHERE (run_id, device_name, item, attempt) IN (
    SELECT run_id, device_name, item, attempt FROM device_results
    WHERE run_id = ANY(%(runs)s) LIMIT %(limit)s)

-- One item done on one device in one attempt.
INSERT INTO device_results (run_id, attempt, device_id, device_name, item, ok, changed, summary,
                            stage, cause, latency_ms, snapshot_id)
VALUES (%(run_id)s, %(attempt)s, %(device_id)s, %(device_name)s, %(item)s, %(ok)s, %(changed)s,
        %(summary)s, %(stage)s, %(cause)s, %(latency_ms)s,
        (SELECT id FROM config_snapshots WHERE id = %(snapshot_id)s))
ON CONFLICT (run_id, device_name, item, attempt) DO UPDATE
SET device_id = EXCLUDED.device_id, ok = EXCLUDED.ok, changed = EXCLUDED.changed,
    summary = EXCLUDED.summary, stage = EXCLUDED.stage, cause = EXCLUDED.cause,
    latency_ms = EXCLUDED.latency_ms, snapshot_id = EXCLUDED.snapshot_id, recorded_at = now()

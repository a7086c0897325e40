-- Items done on devices, each in one attempt.
INSERT INTO device_results (run_id, attempt, device_id, device_name, item, ok, changed, summary,
                            stage, cause, latency_ms, snapshot_id)
SELECT %(run_id)s, done.attempt, done.device_id, done.device_name, done.item, done.ok,
       done.changed, done.summary, done.stage, done.cause, done.latency_ms,
       (SELECT id FROM config_snapshots WHERE id = done.snapshot_id)
FROM unnest(%(attempt)s::integer[], %(device_id)s::uuid[], %(device_name)s::text[],
            %(item)s::text[], %(ok)s::boolean[], %(changed)s::boolean[], %(summary)s::text[],
            %(stage)s::text[], %(cause)s::text[], %(latency_ms)s::float8[],
            %(snapshot_id)s::uuid[])
    AS done (attempt, device_id, device_name, item, ok, changed, summary, stage, cause,
             latency_ms, snapshot_id)
ON CONFLICT (run_id, device_name, item, attempt) DO UPDATE
SET device_id = EXCLUDED.device_id, ok = EXCLUDED.ok, changed = EXCLUDED.changed,
    summary = EXCLUDED.summary, stage = EXCLUDED.stage, cause = EXCLUDED.cause,
    latency_ms = EXCLUDED.latency_ms, snapshot_id = EXCLUDED.snapshot_id, recorded_at = now()

-- `since` moves only when the state does.
INSERT INTO device_check_states AS states (device_id, item, up, since, checked_at)
VALUES (%(device_id)s, %(item)s, %(up)s, now(), now())
ON CONFLICT (device_id, item) DO UPDATE
SET since = CASE WHEN states.up = EXCLUDED.up THEN states.since ELSE EXCLUDED.since END,
    up = EXCLUDED.up,
    checked_at = EXCLUDED.checked_at

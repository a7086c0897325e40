-- The keys trusted for many devices.
SELECT device_id, algorithm, public_key, fingerprint, first_seen_at
FROM device_host_keys WHERE device_id = ANY(%(ids)s) ORDER BY device_id, algorithm

-- The keys trusted for a device.
SELECT algorithm, public_key, fingerprint, first_seen_at
FROM device_host_keys WHERE device_id = %(id)s ORDER BY algorithm

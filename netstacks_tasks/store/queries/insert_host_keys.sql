-- The first keys seen, one for each device.
INSERT INTO device_host_keys (device_id, algorithm, public_key, fingerprint)
SELECT * FROM unnest(%(device_ids)s::uuid[], %(algorithms)s::text[], %(public_keys)s::text[],
                     %(fingerprints)s::text[])

-- The first key seen.
INSERT INTO device_host_keys (device_id, algorithm, public_key, fingerprint)
VALUES (%(device_id)s, %(algorithm)s, %(public_key)s, %(fingerprint)s)

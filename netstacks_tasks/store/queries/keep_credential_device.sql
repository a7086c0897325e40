-- A device that uses a credential.
SELECT id FROM devices WHERE credential_id = %(id)s LIMIT 1 FOR SHARE

-- A device that uses a credential; not deleted until the transaction ends.
SELECT id FROM devices WHERE credential_id = %(id)s LIMIT 1 FOR KEY SHARE

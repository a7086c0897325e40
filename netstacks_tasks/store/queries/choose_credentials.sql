-- Credentials by name, with how many devices use each.
SELECT id, name,
       (SELECT count(*) FROM devices WHERE credential_id = credentials.id)
       || ' devices' AS note
FROM credentials
ORDER BY name

-- Create or replace; its groups are written apart.
INSERT INTO devices (id, name, host, port, platform, site, credential_id, snmp, options)
VALUES (%(id)s, %(name)s, %(host)s, %(port)s, %(platform)s, %(site)s, %(credential_id)s,
        %(snmp)s, %(options)s)
ON CONFLICT (id) DO UPDATE
SET name = EXCLUDED.name, host = EXCLUDED.host, port = EXCLUDED.port,
    platform = EXCLUDED.platform, site = EXCLUDED.site,
    credential_id = EXCLUDED.credential_id, snmp = EXCLUDED.snmp,
    options = EXCLUDED.options, updated_at = now()

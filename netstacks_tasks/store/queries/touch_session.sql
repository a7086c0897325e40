-- Still in use.
UPDATE web_sessions SET last_seen_at = now() WHERE digest = %(digest)s

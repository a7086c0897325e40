-- Signed out.
DELETE FROM web_sessions WHERE digest = %(digest)s

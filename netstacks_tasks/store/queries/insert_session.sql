-- Somebody signed in; what has run out is cleared away on the way.
WITH cleared AS (DELETE FROM web_sessions WHERE expires_at < now())
INSERT INTO web_sessions (digest, user_id, csrf_token, expires_at)
VALUES (%(digest)s, %(user_id)s, %(csrf_token)s, now() + %(lifetime)s)

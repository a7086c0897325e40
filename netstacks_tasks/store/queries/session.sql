-- Who is signed in with this cookie.
SELECT users.id, users.name, users.role, users.created_at, csrf_token,
       last_seen_at < now() - interval '1 minute' AS stale
FROM web_sessions JOIN users ON users.id = user_id
WHERE digest = %(digest)s AND expires_at > now() AND last_seen_at > now() - %(idle)s::interval

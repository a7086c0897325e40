-- What a user's password is checked against.
SELECT id, name, role, created_at, password_hash FROM users WHERE name = %(name)s

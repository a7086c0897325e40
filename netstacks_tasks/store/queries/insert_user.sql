-- A new user.
INSERT INTO users (name, role, password_hash) VALUES (%(name)s, %(role)s, %(password_hash)s)
RETURNING id, name, role, created_at

-- Administrators beside one user.
SELECT count(*) FROM users WHERE role = 'admin' AND id <> %(id)s

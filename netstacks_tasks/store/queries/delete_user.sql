-- With all that is signed in as this user.
DELETE FROM users WHERE id = %(id)s

#!/bin/sh
# Run by the image of PostgreSQL on an empty volume: the two databases, each with an owner.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'END'
\getenv netstacks NETSTACKS_DB_PASSWORD
\getenv prefect PREFECT_DB_PASSWORD
CREATE ROLE netstacks LOGIN PASSWORD :'netstacks';
CREATE ROLE prefect LOGIN PASSWORD :'prefect';
CREATE DATABASE netstacks OWNER netstacks;
CREATE DATABASE prefect OWNER prefect;
REVOKE CONNECT ON DATABASE netstacks, prefect FROM PUBLIC;
\connect prefect
CREATE EXTENSION IF NOT EXISTS pg_trgm;
END

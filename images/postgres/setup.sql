-- Run at every start, as the superuser, before the server can be reached: the role, its password, its database.
-- psql variables: user, database. Environment: POSTGRES_PASSWORD_FILE.
\set ON_ERROR_STOP on
\set password `cat "$POSTGRES_PASSWORD_FILE"`

-- The statement below carries the password: it must reach no log, even if it fails.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;

SELECT format('CREATE ROLE %I', :'user')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'user') \gexec
ALTER ROLE :"user" LOGIN PASSWORD :'password';

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'user')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'database', :'user')
WHERE (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = :'database') <> :'user' \gexec

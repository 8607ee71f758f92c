-- The database and its three roles, made once by an administrator of the server, before `am migrate`:
--   sudo -u postgres psql -f roles.sql                  on the server's own machine
--   psql postgresql://ADMIN@HOST/postgres -f roles.sql  from elsewhere, or at a managed host
-- am_owner owns the schema and migrates, am_writer works, am_reader only reads. psql asks for three passwords, which so
-- stay out of the server's log. Needs PostgreSQL 13 or newer, and psql (Debian: postgresql-client).

\set ON_ERROR_STOP on

create role am_owner login;
create role am_writer login;
create role am_reader login;
\password am_owner
\password am_writer
\password am_reader

-- Where the administrator is no superuser (managed hosts), it has to be a member of a role to give something to it.
grant am_owner to current_user;
create database am owner am_owner encoding 'UTF8' template template0;
revoke all on database am from public;
grant connect on database am to am_writer, am_reader;

\connect am
-- What am_owner makes by `am migrate`, now and later, the others may use.
alter default privileges for role am_owner grant usage on schemas to am_writer, am_reader;
alter default privileges for role am_owner grant select, insert, update, delete on tables to am_writer;
alter default privileges for role am_owner grant select on tables to am_reader;
alter default privileges for role am_owner grant select on sequences to am_reader;

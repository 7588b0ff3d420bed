/** Quotes a schema's name. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * The reference product: tenants and users. Run as onboard_owner, only where product tables are wanted.
 * A reader sees whether a user has a secret, never its hash.
 * @param schema in which the tables are made; it exists
 */
export const sql = (schema = 'public'): string => `
CREATE TABLE ${quoted(schema)}.tenants (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (name <> ''),
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  plan text NOT NULL,
  status text NOT NULL DEFAULT 'provisioning' CHECK (status IN ('provisioning', 'live', 'suspended')),
  settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
  -- A tenant that was ever live is never deleted.
  first_live_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT onboard.now()
);

-- An address may belong to several tenants: a consultant's does.
CREATE TABLE ${quoted(schema)}.users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL CHECK (email <> ''),
  password_hash text,
  full_name text NOT NULL,
  role text NOT NULL DEFAULT 'member',
  tenant_id uuid NOT NULL REFERENCES ${quoted(schema)}.tenants,
  active boolean NOT NULL DEFAULT true,
  must_change_password boolean NOT NULL DEFAULT false,
  password_expires_at timestamptz,
  set_password_token_hash text UNIQUE,
  set_password_expires_at timestamptz,
  has_password_hash boolean GENERATED ALWAYS AS (password_hash IS NOT NULL) STORED,
  has_set_password_token_hash boolean GENERATED ALWAYS AS (set_password_token_hash IS NOT NULL) STORED,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  CHECK ((set_password_token_hash IS NULL) = (set_password_expires_at IS NULL))
);
CREATE UNIQUE INDEX users_tenant_email ON ${quoted(schema)}.users (tenant_id, lower(email));

GRANT USAGE ON SCHEMA ${quoted(schema)} TO onboard_app, onboard_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ${quoted(schema)}.tenants, ${quoted(schema)}.users TO onboard_app;
GRANT SELECT ON ${quoted(schema)}.tenants TO onboard_reader;
-- Default privileges may have given the whole table.
REVOKE ALL ON ${quoted(schema)}.users FROM onboard_reader;
GRANT SELECT (id, email, full_name, role, tenant_id, active, must_change_password, password_expires_at, set_password_expires_at,
  has_password_hash, has_set_password_token_hash, created_at) ON ${quoted(schema)}.users TO onboard_reader;
`

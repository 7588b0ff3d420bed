/** Quotes a schema's name. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Directory sync in the reference product: what SCIM keeps of users, groups with their members, bearer tokens.
 * Run as onboard_owner, where the product tables are. A token's hash is for the gateway alone.
 * @param schema of the product's tables
 */
export const sql = (schema = 'public'): string => `
ALTER TABLE ${quoted(schema)}.users
  -- The name that a directory gives; where none has, people are known by their address.
  ADD user_name text CHECK (user_name <> ''),
  ADD external_id text,
  -- What a directory said besides, in the names of RFC 7643; null: no directory has said anything.
  ADD document jsonb CHECK (jsonb_typeof(document) = 'object'),
  ADD version bigint NOT NULL DEFAULT 1,
  ADD updated_at timestamptz NOT NULL DEFAULT onboard.now();
CREATE UNIQUE INDEX users_tenant_user_name ON ${quoted(schema)}.users (tenant_id, lower(coalesce(user_name, email)));
CREATE INDEX users_tenant_external_id ON ${quoted(schema)}.users (tenant_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX users_tenant_id ON ${quoted(schema)}.users (tenant_id, id);

CREATE TABLE ${quoted(schema)}.groups (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES ${quoted(schema)}.tenants,
  display_name text NOT NULL CHECK (display_name <> ''),
  external_id text,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  updated_at timestamptz NOT NULL DEFAULT onboard.now(),
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX groups_tenant_display_name ON ${quoted(schema)}.groups (tenant_id, lower(display_name));

-- The tenant stands in both references: nobody can be a member of another tenant's group.
CREATE TABLE ${quoted(schema)}.group_members (
  tenant_id uuid NOT NULL,
  group_id uuid NOT NULL,
  user_id uuid NOT NULL,
  PRIMARY KEY (group_id, user_id),
  FOREIGN KEY (tenant_id, group_id) REFERENCES ${quoted(schema)}.groups (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES ${quoted(schema)}.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX group_members_user ON ${quoted(schema)}.group_members (user_id);

CREATE TABLE ${quoted(schema)}.scim_tokens (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES ${quoted(schema)}.tenants,
  -- SHA-256 of the token, hex; the token itself is nowhere.
  token_hash text NOT NULL UNIQUE CHECK (token_hash ~ '^[0-9a-f]{64}$'),
  -- Its first characters, by which people tell tokens apart.
  prefix text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  last_used_at timestamptz
);
CREATE INDEX scim_tokens_tenant ON ${quoted(schema)}.scim_tokens (tenant_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${quoted(schema)}.groups, ${quoted(schema)}.group_members, ${quoted(schema)}.scim_tokens TO onboard_app;
GRANT SELECT ON ${quoted(schema)}.groups, ${quoted(schema)}.group_members TO onboard_reader;
REVOKE ALL ON ${quoted(schema)}.scim_tokens FROM onboard_reader;
GRANT SELECT (user_name, external_id, document, version, updated_at) ON ${quoted(schema)}.users TO onboard_reader;
GRANT SELECT (id, tenant_id, prefix, created_at, expires_at, revoked_at, last_used_at) ON ${quoted(schema)}.scim_tokens TO onboard_reader;
`

/** Quotes a schema's name. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Signing in to the reference product: sessions, second factors, connections to identity providers, what became of each
 * login, and who did what. Run as onboard_owner, where the product tables are. Hashes, sealed secrets, and what a person
 * could be impersonated with are for the gateway alone; a reader sees that they are there.
 * @param schema of the product's tables
 */
export const sql = (schema = 'public'): string => {
  const s = quoted(schema)
  return `
ALTER TABLE ${s}.users
  -- For emergencies: keeps its password where passwords are off for the tenant.
  ADD break_glass boolean NOT NULL DEFAULT false,
  ADD failed_logins integer NOT NULL DEFAULT 0,
  ADD locked_until timestamptz,
  -- Sealed (identity/seal.ts); unconfirmed until a first code was right.
  ADD totp_secret text,
  ADD totp_confirmed_at timestamptz,
  -- The last time step whose code was taken: no code is taken twice (RFC 6238 section 5.2).
  ADD totp_last_step bigint,
  ADD last_login_at timestamptz,
  -- true: its role was last said by a mapping of groups or attributes, which may change it again.
  ADD role_mapped boolean NOT NULL DEFAULT false,
  -- Its role before a mapping of groups said one: what it has again where that mapping is taken back.
  ADD role_given text;

-- Directories look for people by any of their addresses, in any case.
CREATE INDEX users_emails ON ${s}.users USING gin ((lower((document -> 'emails')::text)::jsonb) jsonb_path_ops);

CREATE TABLE ${s}.sso_connections (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES ${s}.tenants,
  -- In its addresses: /sso/TENANT/NAME/…
  name text NOT NULL CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$'),
  protocol text NOT NULL CHECK (protocol IN ('saml', 'oidc')),
  enabled boolean NOT NULL DEFAULT false,
  -- What the identity provider published and what was agreed: SamlSettings or OidcSettings.
  settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
  -- Which attributes or claims are address, name and role: Mapping; null: not declared yet.
  mapping jsonb CHECK (jsonb_typeof(mapping) = 'object'),
  -- Sealed; of OIDC alone.
  client_secret text,
  -- Of the same secret the same, so that one given again is known; of no use without the sealing key.
  client_secret_mark text,
  has_client_secret boolean GENERATED ALWAYS AS (client_secret IS NOT NULL) STORED,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  updated_at timestamptz NOT NULL DEFAULT onboard.now(),
  UNIQUE (tenant_id, name),
  UNIQUE (tenant_id, id)
);

-- Ours towards the identity providers of one tenant: signs requests and metadata, decrypts assertions.
CREATE TABLE ${s}.sso_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES ${s}.tenants,
  certificate text NOT NULL,
  -- Sealed.
  private_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  expires_at timestamptz NOT NULL,
  -- Still decrypts, signs no more.
  retired_at timestamptz
);
CREATE INDEX sso_keys_tenant ON ${s}.sso_keys (tenant_id);

-- Who of the identity provider is who of ours: by issuer and subject, never by address alone.
CREATE TABLE ${s}.sso_identities (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  subject text NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  last_login_at timestamptz,
  PRIMARY KEY (connection_id, subject),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES ${s}.sso_connections (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES ${s}.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sso_identities_user ON ${s}.sso_identities (user_id);

CREATE TABLE ${s}.sso_requests (
  -- What comes back: InResponseTo, state.
  id text PRIMARY KEY,
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('login', 'test', 'logout')),
  -- SHA-256 (hex) of the cookie of the browser that began it; null: any browser, for a test by a link.
  browser_hash text,
  -- Where the browser goes afterwards: a path of ours.
  return_to text,
  -- OIDC: nonce and PKCE verifier; test: nothing that identifies a person.
  detail jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  expires_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, connection_id) REFERENCES ${s}.sso_connections (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sso_requests_expires ON ${s}.sso_requests (expires_at);

-- What was taken once and is not taken again until it would be refused anyway.
CREATE TABLE ${s}.sso_replays (
  tenant_id uuid NOT NULL REFERENCES ${s}.tenants,
  kind text NOT NULL CHECK (kind IN ('assertion', 'logout')),
  id text NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, kind, id)
);
CREATE INDEX sso_replays_until ON ${s}.sso_replays (until);

CREATE TABLE ${s}.sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- SHA-256 (hex) of the cookie's value.
  token_hash text NOT NULL UNIQUE,
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  method text NOT NULL CHECK (method IN ('password', 'saml', 'oidc')),
  -- What it is good for: everything, or only for the page that is due.
  stage text NOT NULL DEFAULT 'full' CHECK (stage IN ('full', 'change_password', 'totp', 'enrol_totp')),
  connection_id uuid,
  -- As the identity provider named them, for single logout.
  subject text,
  session_index text,
  id_token text,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  seen_at timestamptz NOT NULL DEFAULT onboard.now(),
  ended_at timestamptz,
  ended_why text,
  CHECK ((ended_at IS NULL) = (ended_why IS NULL)),
  FOREIGN KEY (tenant_id, user_id) REFERENCES ${s}.users (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, connection_id) REFERENCES ${s}.sso_connections (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_seen ON ${s}.sessions (seen_at);
CREATE INDEX sessions_user ON ${s}.sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_subject ON ${s}.sessions (connection_id, subject) WHERE ended_at IS NULL;

-- What became of each login through an identity provider, for support.
CREATE TABLE ${s}.sso_traces (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES ${s}.tenants,
  -- No reference: what became of a login is still told when the connection is gone.
  connection_id uuid,
  request_id text,
  purpose text NOT NULL,
  at timestamptz NOT NULL DEFAULT onboard.now(),
  -- How far it came: request, structure, schema, signature, conditions, replay, mapping, user, session.
  stage text NOT NULL,
  accepted boolean NOT NULL,
  -- Why it was refused: a code, and a sentence for an administrator.
  code text,
  reason text,
  subject text,
  user_id uuid,
  -- As mapped, and what there was to map.
  mapped jsonb,
  attributes jsonb
);
CREATE INDEX sso_traces_tenant ON ${s}.sso_traces (tenant_id, id);
CREATE INDEX sso_traces_connection ON ${s}.sso_traces (connection_id, id);

-- Who did what in the product. Nothing is changed or taken out.
CREATE TABLE ${s}.audit_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid REFERENCES ${s}.tenants,
  at timestamptz NOT NULL DEFAULT onboard.now(),
  -- login.password, login.refused, session.ended, password.changed, scim.user.created, …
  event text NOT NULL,
  user_id uuid,
  ip text,
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_events_tenant ON ${s}.audit_events (tenant_id, id);

-- Which groups of the directory give which role, agreed with the customer. No row: groups give none.
CREATE TABLE ${s}.scim_mappings (
  tenant_id uuid PRIMARY KEY REFERENCES ${s}.tenants,
  -- [{ "group": "Acme Admins", "role": "admin" }]; of several that hold, the highest role counts.
  groups jsonb NOT NULL CHECK (jsonb_typeof(groups) = 'array'),
  -- Of those whom a directory describes, and who are in none of these groups.
  role_default text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT onboard.now()
);

-- What directories asked for last, for support: changes, and whatever was refused. The newest of each tenant are kept.
CREATE TABLE ${s}.scim_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES ${s}.tenants,
  at timestamptz NOT NULL DEFAULT onboard.now(),
  method text NOT NULL,
  -- User, Group, Bulk, …; never the whole address.
  resource text NOT NULL,
  -- Id of the resource.
  subject text,
  -- Its user name or display name, where the request or the answer says it.
  name text,
  status integer NOT NULL,
  scim_type text,
  detail text,
  -- Beginning of User-Agent, by which directories are told apart.
  agent text
);
CREATE INDEX scim_log_tenant ON ${s}.scim_log (tenant_id, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${s}.scim_mappings, ${s}.scim_log TO onboard_app;
GRANT SELECT ON ${s}.scim_mappings, ${s}.scim_log TO onboard_reader;
-- What the example resources of the gateway are about: something for roles to be tried on.
CREATE TABLE ${s}.projects (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES ${s}.tenants,
  name text NOT NULL CHECK (name <> ''),
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT onboard.now(),
  FOREIGN KEY (tenant_id, created_by) REFERENCES ${s}.users (tenant_id, id) ON DELETE SET NULL (created_by)
);
CREATE INDEX projects_tenant ON ${s}.projects (tenant_id, created_at, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${s}.projects TO onboard_app;
GRANT SELECT ON ${s}.projects TO onboard_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ${s}.sessions, ${s}.sso_connections, ${s}.sso_keys, ${s}.sso_identities, ${s}.sso_requests, ${s}.sso_replays TO onboard_app;
GRANT SELECT, INSERT, DELETE ON ${s}.sso_traces TO onboard_app;
GRANT SELECT, INSERT ON ${s}.audit_events TO onboard_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ${s}.audit_events FROM onboard_app;
REVOKE ALL ON ${s}.sessions, ${s}.sso_connections, ${s}.sso_keys, ${s}.sso_requests, ${s}.sso_replays FROM onboard_reader;
GRANT SELECT ON ${s}.sso_identities, ${s}.sso_traces, ${s}.audit_events TO onboard_reader;
GRANT SELECT (break_glass, locked_until, totp_confirmed_at, last_login_at, role_mapped, role_given) ON ${s}.users TO onboard_reader;
GRANT SELECT (id, tenant_id, user_id, method, stage, connection_id, created_at, seen_at, ended_at, ended_why) ON ${s}.sessions TO onboard_reader;
GRANT SELECT (id, tenant_id, name, protocol, enabled, settings, mapping, has_client_secret, client_secret_mark, created_at, updated_at) ON ${s}.sso_connections TO onboard_reader;
GRANT SELECT (id, tenant_id, certificate, created_at, expires_at, retired_at) ON ${s}.sso_keys TO onboard_reader;
GRANT SELECT (id, tenant_id, connection_id, purpose, created_at, expires_at) ON ${s}.sso_requests TO onboard_reader;
`
}

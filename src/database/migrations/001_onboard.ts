/**
 * Schema `onboard`: onboardings, their pinned runbooks and inputs, the journal with its detail, evidence.
 * Run as onboard_owner, after the schema itself was made. Entries reach the journal by onboard.append alone; nobody has
 * INSERT, UPDATE or DELETE on it.
 */
export const sql = `
GRANT USAGE ON SCHEMA onboard TO onboard_app, onboard_reader;

-- The clock: the server's, or one fixed when the database was created (demo, tests), which only moves forward.
CREATE TABLE onboard.clock (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  simulated timestamptz
);
INSERT INTO onboard.clock (simulated) VALUES (NULL);

CREATE FUNCTION onboard.now() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN coalesce((SELECT simulated FROM onboard.clock), clock_timestamp());

CREATE FUNCTION onboard.keep_clock() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.simulated IS NOT NULL AND NEW.simulated >= OLD.simulated THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND OLD.simulated IS NULL AND NOT EXISTS (SELECT FROM onboard.chain) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a simulated clock is fixed when a database is created, and never goes back' USING ERRCODE = 'OB001';
END $$;

CREATE TABLE onboard.chain (
  id uuid PRIMARY KEY,
  seq bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(hash) = 32)
);

CREATE TRIGGER keep_clock BEFORE INSERT OR UPDATE OR DELETE ON onboard.clock FOR EACH ROW EXECUTE FUNCTION onboard.keep_clock();
CREATE TRIGGER keep_clock_all BEFORE TRUNCATE ON onboard.clock FOR EACH STATEMENT EXECUTE FUNCTION onboard.keep_clock();
ALTER TABLE onboard.clock ENABLE ALWAYS TRIGGER keep_clock;
ALTER TABLE onboard.clock ENABLE ALWAYS TRIGGER keep_clock_all;

-- What an onboarding runs: the very files, and their compiled form so that status need not parse them.
CREATE TABLE onboard.runbook (
  digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  name text NOT NULL,
  version text NOT NULL,
  compiled jsonb NOT NULL,
  files jsonb NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT onboard.now()
);

CREATE TABLE onboard.customer (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  company text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT onboard.now()
);

CREATE TABLE onboard.onboarding (
  id uuid PRIMARY KEY REFERENCES onboard.chain,
  customer uuid NOT NULL REFERENCES onboard.customer,
  name text NOT NULL DEFAULT '' CHECK (name = '' OR name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  runbook text NOT NULL REFERENCES onboard.runbook,
  opened_at timestamptz NOT NULL DEFAULT onboard.now(),
  UNIQUE (customer, name)
);

-- Versions of the inputs: kind is handoff or discovery; document is what expressions see, source is what was given.
CREATE TABLE onboard.input (
  onboarding uuid NOT NULL REFERENCES onboard.onboarding,
  kind text NOT NULL CHECK (kind IN ('handoff', 'discovery')),
  version int NOT NULL,
  document jsonb NOT NULL,
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  source bytea NOT NULL,
  given_at timestamptz NOT NULL DEFAULT onboard.now(),
  PRIMARY KEY (onboarding, kind, version)
);

CREATE TABLE onboard.evidence (
  digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  bytes bytea NOT NULL CHECK (digest = encode(sha256(bytes), 'hex')),
  stored_at timestamptz NOT NULL DEFAULT onboard.now()
);

-- The journal: append-only, one hash chain for each onboarding. hash = sha256(previous hash || seq || LF || body).
CREATE TABLE onboard.journal (
  chain uuid NOT NULL REFERENCES onboard.chain,
  seq bigint NOT NULL CHECK (seq > 0),
  at timestamptz NOT NULL,
  kind text NOT NULL,
  phase text,
  step text,
  instance text,
  run uuid,
  body text NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (chain, seq),
  CHECK ((phase IS NULL) = (step IS NULL) AND (step IS NULL) = (instance IS NULL))
);
CREATE INDEX journal_step ON onboard.journal (chain, phase, step, instance, seq DESC) WHERE step IS NOT NULL;

-- Values beside the chain, which holds their salted digests; readable, and erasable without breaking the chain.
CREATE TABLE onboard.journal_detail (
  chain uuid NOT NULL,
  seq bigint NOT NULL,
  name text NOT NULL,
  salt bytea,
  value text,
  erased_at timestamptz,
  PRIMARY KEY (chain, seq, name),
  FOREIGN KEY (chain, seq) REFERENCES onboard.journal,
  CHECK ((value IS NULL) = (erased_at IS NOT NULL) AND (salt IS NULL) = (value IS NULL))
);

CREATE FUNCTION onboard.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'onboard.% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'OB002';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON onboard.journal FOR EACH ROW EXECUTE FUNCTION onboard.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON onboard.journal FOR EACH STATEMENT EXECUTE FUNCTION onboard.refuse_change();
ALTER TABLE onboard.journal ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE onboard.journal ENABLE ALWAYS TRIGGER append_only_all;

CREATE FUNCTION onboard.only_erase() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.value IS NOT NULL AND NEW.value IS NULL AND NEW.salt IS NULL AND NEW.erased_at IS NOT NULL
     AND (NEW.chain, NEW.seq, NEW.name) = (OLD.chain, OLD.seq, OLD.name) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'onboard.journal_detail can be erased, not changed' USING ERRCODE = 'OB002';
END $$;
CREATE TRIGGER only_erase BEFORE UPDATE ON onboard.journal_detail FOR EACH ROW EXECUTE FUNCTION onboard.only_erase();
CREATE TRIGGER append_only BEFORE DELETE ON onboard.journal_detail FOR EACH ROW EXECUTE FUNCTION onboard.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON onboard.journal_detail FOR EACH STATEMENT EXECUTE FUNCTION onboard.refuse_change();
ALTER TABLE onboard.journal_detail ENABLE ALWAYS TRIGGER only_erase;
ALTER TABLE onboard.journal_detail ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE onboard.journal_detail ENABLE ALWAYS TRIGGER append_only_all;

CREATE TRIGGER append_only BEFORE DELETE ON onboard.chain FOR EACH ROW EXECUTE FUNCTION onboard.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON onboard.chain FOR EACH STATEMENT EXECUTE FUNCTION onboard.refuse_change();
ALTER TABLE onboard.chain ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE onboard.chain ENABLE ALWAYS TRIGGER append_only_all;

/*
 * The one way into the journal. entry is canonical JSON of the caller's own facts; detail is an object name → canonical
 * JSON text. Sequence, time, session user, salts and hash are set here, where no caller can choose them. The head row's
 * lock orders simultaneous appends and is held until the caller's transaction ends.
 */
CREATE FUNCTION onboard.append(
  p_chain uuid, p_kind text, p_phase text, p_step text, p_instance text, p_run uuid, p_entry text, p_detail jsonb,
  OUT seq bigint, OUT hash bytea, OUT at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  previous bytea;
  body text;
  digests text := '';
  names text[];
  salts bytea[];
  given text[];
  is_simulated boolean;
BEGIN
  -- Cast too: text that is more than one JSON value could pass for fields of the body around it.
  IF jsonb_typeof(p_entry::jsonb) IS DISTINCT FROM 'object' THEN
    RAISE EXCEPTION 'an entry is a JSON object' USING ERRCODE = 'OB004';
  END IF;
  UPDATE onboard.chain c SET seq = c.seq + 1 WHERE c.id = p_chain RETURNING c.seq, c.hash INTO seq, previous;
  IF seq IS NULL THEN RAISE EXCEPTION 'no chain %', p_chain USING ERRCODE = 'OB003'; END IF;
  SELECT coalesce(c.simulated, clock_timestamp()), c.simulated IS NOT NULL INTO at, is_simulated FROM onboard.clock c;
  IF p_detail IS NOT NULL THEN
    SELECT array_agg(d.key ORDER BY d.key COLLATE "C"), array_agg(uuid_send(gen_random_uuid()) ORDER BY d.key COLLATE "C"),
           array_agg(d.value ORDER BY d.key COLLATE "C")
      INTO names, salts, given FROM jsonb_each_text(p_detail) d;
    SELECT coalesce(string_agg(to_json(names[i])::text || ':"' || encode(sha256(salts[i] || convert_to(given[i], 'UTF8')), 'hex') || '"', ',' ORDER BY i), '')
      INTO digests FROM generate_subscripts(names, 1) i;
  END IF;
  body := '{"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","clock":"'
    || CASE WHEN is_simulated THEN 'simulated' ELSE 'server' END || '","detail":{' || digests || '},"entry":' || p_entry
    || ',"kind":' || to_json(p_kind)::text
    || CASE WHEN p_step IS NULL THEN '' ELSE ',"key":[' || to_json(p_phase)::text || ',' || to_json(p_step)::text || ',' || to_json(p_instance)::text || ']' END
    || CASE WHEN p_run IS NULL THEN '' ELSE ',"run":"' || p_run::text || '"' END
    || ',"session_user":' || to_json(session_user::text)::text || '}';
  hash := sha256(previous || convert_to(seq::text || E'\\n' || body, 'UTF8'));
  INSERT INTO onboard.journal VALUES (p_chain, seq, at, p_kind, p_phase, p_step, p_instance, p_run, body, hash);
  IF names IS NOT NULL THEN
    INSERT INTO onboard.journal_detail SELECT p_chain, append.seq, names[i], salts[i], given[i], NULL FROM generate_subscripts(names, 1) i;
  END IF;
  UPDATE onboard.chain c SET hash = append.hash WHERE c.id = p_chain;
END $$;

-- Erases one value of a person on request; the chain stays whole, because it holds the salted digest alone.
CREATE FUNCTION onboard.erase(p_chain uuid, p_seq bigint, p_name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE onboard.journal_detail SET value = NULL, salt = NULL, erased_at = onboard.now()
   WHERE chain = p_chain AND seq = p_seq AND name = p_name AND value IS NOT NULL;
  RETURN FOUND;
END $$;

CREATE FUNCTION onboard.open_chain() RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ INSERT INTO onboard.chain (id) VALUES (gen_random_uuid()) RETURNING id $$;

-- Only the function that moves a simulated clock writes it; forward, by the trigger. It starts no simulation.
CREATE FUNCTION onboard.move_clock(p_to timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  moved timestamptz;
BEGIN
  UPDATE onboard.clock SET simulated = p_to WHERE simulated IS NOT NULL RETURNING simulated INTO moved;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this database goes by the clock of its server' USING ERRCODE = 'OB001';
  END IF;
  RETURN moved;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA onboard FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA onboard FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA onboard TO onboard_app, onboard_reader;
GRANT INSERT ON onboard.runbook, onboard.customer, onboard.onboarding, onboard.input, onboard.evidence TO onboard_app;
GRANT EXECUTE ON FUNCTION onboard.now() TO onboard_app, onboard_reader;
GRANT EXECUTE ON FUNCTION onboard.append(uuid, text, text, text, text, uuid, text, jsonb), onboard.erase(uuid, bigint, text),
  onboard.open_chain(), onboard.move_clock(timestamptz) TO onboard_app;
`

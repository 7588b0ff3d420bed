/**
 * The life of an onboarding: issues, cancellation, former names, and what tells the onboardings of one customer apart.
 * Names that outlive a rename (idempotency keys, the tenant's slug) are columns here, so that no code derives them twice.
 */
export const sql = `
CREATE TABLE onboard.issue (
  onboarding uuid NOT NULL REFERENCES onboard.onboarding,
  number int NOT NULL CHECK (number > 0),
  title text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
  category text,
  owner text,
  status text NOT NULL CHECK (status IN ('open', 'resolved')),
  resolution text,
  actions jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(actions) = 'array'),
  opened_at timestamptz NOT NULL,
  -- Since when the level that has it now has had it; its clock starts anew where a severity is raised.
  clock_from timestamptz NOT NULL,
  resolved_at timestamptz,
  PRIMARY KEY (onboarding, number),
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
);
GRANT SELECT ON onboard.issue TO onboard_app, onboard_reader;
GRANT INSERT, UPDATE ON onboard.issue TO onboard_app;

-- idempotency: what the keys of its steps begin with, for good. tenant_slug: what its tenant is called in the product.
ALTER TABLE onboard.onboarding
  ADD COLUMN idempotency text, ADD COLUMN tenant_slug text, ADD COLUMN cancelled_at timestamptz, ADD COLUMN purged_at timestamptz;

-- Keys that exist keep their meaning.
UPDATE onboard.onboarding o SET
  idempotency = c.slug || CASE WHEN o.name = '' THEN '' ELSE '/' || o.name END,
  tenant_slug = CASE
    WHEN o.name = '' THEN c.slug
    WHEN length(c.slug || '-' || o.name) > 63 OR EXISTS (SELECT FROM onboard.customer x WHERE x.slug = c.slug || '-' || o.name)
      THEN left(c.slug || '-' || o.name, 54) || '-' || left(o.id::text, 8)
    ELSE c.slug || '-' || o.name END
  FROM onboard.customer c WHERE c.id = o.customer;

ALTER TABLE onboard.onboarding
  ALTER COLUMN idempotency SET NOT NULL, ALTER COLUMN tenant_slug SET NOT NULL,
  ADD UNIQUE (idempotency), ADD UNIQUE (tenant_slug),
  ADD CHECK (tenant_slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$');

-- 'acme:eu', not 'acme/eu', which a phase called eu of acme itself could mean as well.
CREATE FUNCTION onboard.name_onboarding() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  customer_slug text;
BEGIN
  SELECT c.slug INTO customer_slug FROM onboard.customer c WHERE c.id = NEW.customer;
  NEW.idempotency := coalesce(NEW.idempotency, customer_slug || CASE WHEN NEW.name = '' THEN '' ELSE ':' || NEW.name END);
  NEW.tenant_slug := coalesce(NEW.tenant_slug, customer_slug || CASE WHEN NEW.name = '' THEN '' ELSE '-' || NEW.name END);
  RETURN NEW;
END $$;
CREATE TRIGGER name_onboarding BEFORE INSERT ON onboard.onboarding FOR EACH ROW EXECUTE FUNCTION onboard.name_onboarding();

-- Names that were given up: nobody else is given them. onboarding: whose tenant was called so.
CREATE TABLE onboard.former_slug (
  slug text PRIMARY KEY,
  customer uuid NOT NULL REFERENCES onboard.customer,
  onboarding uuid REFERENCES onboard.onboarding,
  given_up_at timestamptz NOT NULL DEFAULT onboard.now()
);
GRANT SELECT ON onboard.former_slug TO onboard_app, onboard_reader;

-- All other names that the tenant called p_slug has had or has.
CREATE FUNCTION onboard.other_slugs(p_slug text) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH own AS (
    SELECT o.id, o.tenant_slug FROM onboard.onboarding o
     WHERE o.tenant_slug = p_slug OR o.id = (SELECT f.onboarding FROM onboard.former_slug f WHERE f.slug = p_slug)
  ), named AS (
    SELECT o.tenant_slug AS slug, now() AS until FROM own o
    UNION ALL SELECT f.slug, f.given_up_at FROM onboard.former_slug f JOIN own o ON o.id = f.onboarding
  )
  SELECT n.slug FROM named n WHERE n.slug <> p_slug ORDER BY n.until DESC, n.slug
$$;

-- A customer's new name, in every journal of its own: the one cannot be without the other.
CREATE FUNCTION onboard.rename_customer(p_customer uuid, p_slug text, p_company text, p_entry text, p_detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was text;
  own record;
BEGIN
  SELECT c.slug INTO was FROM onboard.customer c WHERE c.id = p_customer FOR UPDATE;
  IF was IS NULL THEN RAISE EXCEPTION 'no customer %', p_customer USING ERRCODE = 'OB003'; END IF;
  UPDATE onboard.customer c SET slug = p_slug, company = p_company WHERE c.id = p_customer;
  IF was <> p_slug THEN
    DELETE FROM onboard.former_slug f WHERE f.customer = p_customer AND f.slug = p_slug;
    IF FOUND OR NOT EXISTS (SELECT FROM onboard.former_slug f WHERE f.slug = p_slug) THEN
      INSERT INTO onboard.former_slug (slug, customer) VALUES (was, p_customer);
    ELSE
      RAISE EXCEPTION 'the name % was another customer''s', p_slug USING ERRCODE = '23505';
    END IF;
  END IF;
  FOR own IN SELECT o.id, o.name, o.tenant_slug FROM onboard.onboarding o WHERE o.customer = p_customer ORDER BY o.id LOOP
    IF was <> p_slug THEN
      INSERT INTO onboard.former_slug (slug, customer, onboarding) VALUES (own.tenant_slug, p_customer, own.id)
        ON CONFLICT (slug) DO UPDATE SET onboarding = excluded.onboarding WHERE former_slug.customer = p_customer;
      DELETE FROM onboard.former_slug f
       WHERE f.slug = p_slug || CASE WHEN own.name = '' THEN '' ELSE '-' || own.name END AND f.customer = p_customer;
      IF EXISTS (SELECT FROM onboard.former_slug f WHERE f.slug = p_slug || CASE WHEN own.name = '' THEN '' ELSE '-' || own.name END) THEN
        RAISE EXCEPTION 'the name of a tenant was another customer''s' USING ERRCODE = '23505';
      END IF;
      UPDATE onboard.onboarding o SET tenant_slug = p_slug || CASE WHEN own.name = '' THEN '' ELSE '-' || own.name END WHERE o.id = own.id;
    END IF;
    PERFORM onboard.append(own.id, 'renamed', NULL, NULL, NULL, NULL, p_entry, p_detail);
  END LOOP;
END $$;

-- p_state: cancelled, withdrawn (it goes on after all) or purged. Gives the entry that says so.
CREATE FUNCTION onboard.cancel_onboarding(p_onboarding uuid, p_state text, p_entry text, p_detail jsonb, OUT seq bigint, OUT hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE onboard.onboarding o SET
      cancelled_at = CASE WHEN p_state = 'withdrawn' THEN NULL ELSE coalesce(o.cancelled_at, onboard.now()) END,
      purged_at = CASE WHEN p_state = 'purged' THEN onboard.now() ELSE o.purged_at END
   WHERE o.id = p_onboarding AND p_state IN ('cancelled', 'withdrawn', 'purged') AND (o.purged_at IS NULL OR p_state = 'purged');
  IF NOT FOUND THEN RAISE EXCEPTION 'onboarding % cannot become %', p_onboarding, p_state USING ERRCODE = 'OB003'; END IF;
  SELECT a.seq, a.hash INTO seq, hash FROM onboard.append(p_onboarding, 'cancelled', NULL, NULL, NULL, NULL, p_entry, p_detail) a;
END $$;

/*
 * Forgets what a cancelled onboarding knows of persons: every value beside its chain, its inputs, documents and
 * mail, its issues' words, and the evidence that no other onboarding has. The chain holds salted digests and stays whole. Gives the number of values.
 */
CREATE FUNCTION onboard.erase_onboarding(p_onboarding uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  erased bigint;
  digests text[];
  one text;
BEGIN
  IF NOT EXISTS (SELECT FROM onboard.onboarding o WHERE o.id = p_onboarding AND o.cancelled_at IS NOT NULL) THEN
    RAISE EXCEPTION 'onboarding % is not cancelled', p_onboarding USING ERRCODE = 'OB003';
  END IF;
  UPDATE onboard.journal_detail d SET value = NULL, salt = NULL, erased_at = onboard.now() WHERE d.chain = p_onboarding AND d.value IS NOT NULL;
  GET DIAGNOSTICS erased = ROW_COUNT;
  UPDATE onboard.input i SET document = '{}', source = '' WHERE i.onboarding = p_onboarding AND i.source <> '';
  UPDATE onboard.issue i SET title = '(erased)', category = NULL, owner = NULL, actions = '[]',
      resolution = CASE WHEN i.resolution IS NULL THEN NULL ELSE '(erased)' END
   WHERE i.onboarding = p_onboarding;
  SELECT array_agg(x.digest) INTO digests FROM (
    SELECT e.digest FROM onboard.journal j, jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(j.body::jsonb #> '{entry,evidence}') = 'array' THEN j.body::jsonb #> '{entry,evidence}' ELSE '[]' END) AS e(digest)
     WHERE j.chain = p_onboarding
    UNION SELECT d.digest FROM onboard.document d WHERE d.onboarding = p_onboarding
    UNION SELECT c.document FROM onboard.check_in c WHERE c.onboarding = p_onboarding) x;
  DELETE FROM onboard.check_in c WHERE c.onboarding = p_onboarding;
  DELETE FROM onboard.document d WHERE d.onboarding = p_onboarding;
  UPDATE onboard.outbox o SET recipients = '{}', subject = '(erased)', response = NULL WHERE o.onboarding = p_onboarding;
  FOREACH one IN ARRAY coalesce(digests, '{}') LOOP
    BEGIN
      DELETE FROM onboard.evidence e WHERE e.digest = one
        AND NOT EXISTS (SELECT FROM onboard.journal j WHERE j.chain <> p_onboarding AND position(one IN j.body) > 0);
    EXCEPTION WHEN foreign_key_violation THEN NULL; -- another onboarding has the same document
    END;
  END LOOP;
  RETURN erased;
END $$;

REVOKE ALL ON FUNCTION onboard.name_onboarding(), onboard.other_slugs(text), onboard.rename_customer(uuid, text, text, text, jsonb),
  onboard.cancel_onboarding(uuid, text, text, jsonb), onboard.erase_onboarding(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onboard.other_slugs(text) TO onboard_app, onboard_reader;
GRANT EXECUTE ON FUNCTION onboard.name_onboarding(), onboard.rename_customer(uuid, text, text, text, jsonb),
  onboard.cancel_onboarding(uuid, text, text, jsonb), onboard.erase_onboarding(uuid) TO onboard_app;
`

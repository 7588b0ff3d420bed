/**
 * Entries of a run that are committed together reach the journal by one call: the head row is locked once and as late as
 * can be, and what an entry costs is its own hashes and rows. onboard.append is the case of one.
 *
 * entries is an array of { kind, key?: [phase, step, instance], run?, entry, detail? }: entry is canonical JSON of the
 * caller's own facts as text, detail an object name → canonical JSON text. Sequence, time, session user, salts and hashes
 * are set here, where no caller can choose them. Gives the head as it then is.
 */
export const sql = `
CREATE FUNCTION onboard.append_all(p_chain uuid, p_entries jsonb, OUT seq bigint, OUT hash bytea, OUT at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before bigint;
  is_simulated boolean;
  begins text;
  ends text;
  bodies text[];
  hashes bytea[] := '{}';
  owners bigint[];
  names text[];
  salts bytea[];
  given text[];
BEGIN
  SELECT c.seq, c.hash INTO before, hash FROM onboard.chain c WHERE c.id = p_chain FOR NO KEY UPDATE;
  IF before IS NULL THEN RAISE EXCEPTION 'no chain %', p_chain USING ERRCODE = 'OB003'; END IF;
  SELECT coalesce(c.simulated, clock_timestamp()), c.simulated IS NOT NULL INTO at, is_simulated FROM onboard.clock c;
  begins := '{"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","clock":"'
    || CASE WHEN is_simulated THEN 'simulated' ELSE 'server' END || '","detail":{';
  ends := ',"session_user":' || to_json(session_user::text)::text || '}';
  WITH entries AS MATERIALIZED (
    SELECT n, value ->> 'kind' AS kind, value #>> '{key,0}' AS phase, value #>> '{key,1}' AS step, value #>> '{key,2}' AS instance,
           (value ->> 'run')::uuid AS run, value ->> 'entry' AS entry, nullif(value -> 'detail', 'null') AS detail
      FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS given(value, n)
  ), details AS MATERIALIZED (
    SELECT n, key, uuid_send(gen_random_uuid()) AS salt, value FROM entries, jsonb_each_text(detail)
  ), digests AS (
    SELECT n, string_agg(to_json(key)::text || ':"' || encode(sha256(salt || convert_to(value, 'UTF8')), 'hex') || '"', ','
                         ORDER BY key COLLATE "C") AS text
      FROM details GROUP BY n
  )
  -- The entry is cast too: text that is more than one JSON value could pass for fields of the body around it.
  SELECT array_agg(CASE WHEN jsonb_typeof(entry::jsonb) = 'object' THEN
           begins || coalesce(digests.text, '') || '},"entry":' || entry || ',"kind":' || to_json(kind)::text
           || CASE WHEN step IS NULL THEN '' ELSE ',"key":[' || to_json(phase)::text || ',' || to_json(step)::text || ',' || to_json(instance)::text || ']' END
           || CASE WHEN run IS NULL THEN '' ELSE ',"run":"' || run::text || '"' END || ends END ORDER BY n),
         (SELECT array_agg(n) FROM details), (SELECT array_agg(key) FROM details),
         (SELECT array_agg(salt) FROM details), (SELECT array_agg(value) FROM details)
    INTO bodies, owners, names, salts, given FROM entries LEFT JOIN digests USING (n);
  IF bodies IS NULL OR array_position(bodies, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'an entry is a JSON object' USING ERRCODE = 'OB004';
  END IF;
  FOR i IN 1 .. array_length(bodies, 1) LOOP
    seq := before + i;
    hash := sha256(hash || convert_to(seq::text || E'\\n' || bodies[i], 'UTF8'));
    hashes := hashes || hash;
  END LOOP;
  INSERT INTO onboard.journal
    SELECT p_chain, before + n, append_all.at, value ->> 'kind', value #>> '{key,0}', value #>> '{key,1}', value #>> '{key,2}',
           (value ->> 'run')::uuid, bodies[n], hashes[n]
      FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS given(value, n);
  IF names IS NOT NULL THEN
    INSERT INTO onboard.journal_detail
      SELECT p_chain, before + n, name, salt, value, NULL FROM unnest(owners, names, salts, given) AS d(n, name, salt, value);
  END IF;
  UPDATE onboard.chain c SET seq = append_all.seq, hash = append_all.hash WHERE c.id = p_chain;
END $$;

CREATE OR REPLACE FUNCTION onboard.append(
  p_chain uuid, p_kind text, p_phase text, p_step text, p_instance text, p_run uuid, p_entry text, p_detail jsonb,
  OUT seq bigint, OUT hash bytea, OUT at timestamptz
) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.seq, a.hash, a.at FROM onboard.append_all(p_chain, jsonb_build_array(jsonb_build_object(
    'kind', p_kind, 'key', CASE WHEN p_step IS NULL THEN NULL ELSE jsonb_build_array(p_phase, p_step, p_instance) END,
    'run', p_run, 'entry', p_entry, 'detail', p_detail))) a
$$;

REVOKE ALL ON FUNCTION onboard.append_all(uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onboard.append_all(uuid, jsonb) TO onboard_app;
`

/** An onboarding moves to another version of its runbook, and its journal says so: the one cannot be without the other. */
export const sql = `
CREATE FUNCTION onboard.move_runbook(p_onboarding uuid, p_runbook text, p_entry text, p_detail jsonb, OUT seq bigint, OUT hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE onboard.onboarding o SET runbook = p_runbook WHERE o.id = p_onboarding AND o.runbook <> p_runbook;
  IF NOT FOUND THEN RAISE EXCEPTION 'onboarding % runs this runbook already, or is not there', p_onboarding USING ERRCODE = 'OB003'; END IF;
  SELECT a.seq, a.hash INTO seq, hash FROM onboard.append(p_onboarding, 'upgraded', NULL, NULL, NULL, NULL, p_entry, p_detail) a;
END $$;
REVOKE ALL ON FUNCTION onboard.move_runbook(uuid, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onboard.move_runbook(uuid, text, text, jsonb) TO onboard_app;
`

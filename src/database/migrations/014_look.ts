/**
 * What lasts of looks at onboardings: whoever tells of very many of them reads it in place of their journals. Nothing
 * here is a fact of its own: rows may be deleted at any time, and count only while their stamp is that of the
 * onboarding.
 */
export const sql = `
-- What looks depend on besides the onboarding: a digest of the config and of what reckons. runbooks: what looks say of
-- the runbooks that they tell of, by digest. used_at is the server's time, whatever a simulated clock says.
CREATE TABLE onboard.look_ground (
  ground text PRIMARY KEY,
  runbooks jsonb NOT NULL CHECK (jsonb_typeof(runbooks) = 'object'),
  used_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One for each stretch of time, from since on, for as long as the instant and the day have not come. Later stretches are
-- what will stand then, nothing else happening.
CREATE TABLE onboard.look (
  ground text NOT NULL REFERENCES onboard.look_ground ON DELETE CASCADE,
  onboarding uuid NOT NULL REFERENCES onboard.onboarding ON DELETE CASCADE,
  since timestamptz NOT NULL,
  until timestamptz,
  before date,
  stamp text NOT NULL,
  runbook text NOT NULL,
  lasting text NOT NULL,
  PRIMARY KEY (ground, onboarding, since)
);
CREATE INDEX look_onboarding ON onboard.look (onboarding);

GRANT SELECT ON onboard.look_ground, onboard.look TO onboard_app, onboard_reader;
GRANT INSERT, UPDATE, DELETE ON onboard.look_ground, onboard.look TO onboard_app;
`

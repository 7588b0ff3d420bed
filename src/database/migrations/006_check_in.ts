/** Check-ins of hypercare: one for each scheduled day, with what was measured, said and agreed. */
export const sql = `
CREATE TABLE onboard.check_in (
  onboarding uuid NOT NULL REFERENCES onboard.onboarding,
  -- Calendar day after go-live for which it was scheduled.
  day int NOT NULL CHECK (day > 0),
  held_at timestamptz NOT NULL,
  held_by text NOT NULL,
  -- What its record was written from.
  data jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
  document text NOT NULL REFERENCES onboard.evidence,
  PRIMARY KEY (onboarding, day)
);
REVOKE ALL ON onboard.check_in FROM PUBLIC;
GRANT SELECT ON onboard.check_in TO onboard_app, onboard_reader;
GRANT INSERT, UPDATE ON onboard.check_in TO onboard_app;
`

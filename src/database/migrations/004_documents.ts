/** Documents with their versions and sources, and the outbox of mail. */
export const sql = `
-- A version is written once; withdrawn says that the step which made it was undone.
CREATE TABLE onboard.document (
  onboarding uuid NOT NULL REFERENCES onboard.onboarding,
  name text NOT NULL CHECK (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(name) <= 100),
  version int NOT NULL CHECK (version > 0),
  title text NOT NULL,
  media_type text NOT NULL,
  digest text NOT NULL REFERENCES onboard.evidence,
  size int NOT NULL,
  -- What it was made from; the same again is the same document.
  made_from text NOT NULL CHECK (made_from ~ '^[0-9a-f]{64}$'),
  template text NOT NULL,
  data text NOT NULL,
  facts jsonb NOT NULL,
  sources jsonb NOT NULL,
  rendered_at timestamptz NOT NULL DEFAULT onboard.now(),
  withdrawn_at timestamptz,
  PRIMARY KEY (onboarding, name, version)
);

/*
 * One row for each mail that a step sends. sending: it began, and nobody knows how it ended; sent; refused: it is known
 * not to be sent; partly: some addresses were refused; again: a person has decided that it is sent once more.
 * closed: the step was undone, and another try is another mail.
 */
CREATE TABLE onboard.outbox (
  message_id text PRIMARY KEY,
  onboarding uuid NOT NULL REFERENCES onboard.onboarding,
  step text NOT NULL,
  state text NOT NULL CHECK (state IN ('sending', 'sent', 'refused', 'partly', 'again')),
  content text NOT NULL CHECK (content ~ '^[0-9a-f]{64}$'),
  recipients text[] NOT NULL,
  subject text NOT NULL,
  via text NOT NULL,
  repeatable boolean NOT NULL,
  response text,
  began_at timestamptz NOT NULL DEFAULT onboard.now(),
  sent_at timestamptz,
  closed_at timestamptz
);
CREATE UNIQUE INDEX outbox_open ON onboard.outbox (onboarding, step) WHERE closed_at IS NULL;

REVOKE ALL ON onboard.document, onboard.outbox FROM PUBLIC;
GRANT SELECT ON onboard.document, onboard.outbox TO onboard_app, onboard_reader;
GRANT INSERT ON onboard.document, onboard.outbox TO onboard_app;
GRANT UPDATE (withdrawn_at) ON onboard.document TO onboard_app;
GRANT UPDATE (state, content, recipients, subject, via, repeatable, response, sent_at, closed_at) ON onboard.outbox TO onboard_app;
`

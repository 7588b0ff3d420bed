import type { Client } from 'pg'
import type { Outbox, OutboxMail } from '../onboarding/mail.ts'

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`

/** The outbox of one onboarding, on a connection of the app role. */
export function outboxOf(client: Client, onboarding: string): Outbox {
  return {
    async list() {
      const { rows } = await client.query<OutboxMail>(
        `SELECT message_id, substr(message_id, 2, 12) AS id, step, state, subject, recipients, via, response,
                to_char(began_at AT TIME ZONE 'UTC', ${INSTANT}) AS began_at,
                to_char(sent_at AT TIME ZONE 'UTC', ${INSTANT}) AS sent_at,
                closed_at IS NOT NULL AS closed
           FROM onboard.outbox WHERE onboarding = $1 ORDER BY outbox.began_at, message_id`, [onboarding])
      return rows
    },
    async decide(message_id, from, to, response) {
      const { rowCount } = await client.query(
        `UPDATE onboard.outbox SET state = $3, response = $4, sent_at = CASE WHEN $3 = 'sent' THEN onboard.now() END
          WHERE message_id = $1 AND state = ANY ($2) AND closed_at IS NULL`, [message_id, [...from], to, response])
      return rowCount === 1
    },
  }
}

/** Reminders in the outbox: which were sent, and one at a time, so that nobody gets one twice. */
import type { Client } from 'pg'
import { sha256 } from '../digest.ts'
import type { Entry, Head } from '../engine/ports.ts'
import type { Person } from '../model.ts'
import { append } from './append.ts'

/** A mail that is about to be sent. */
export interface Begun {
  readonly message_id: string
  /** ISO 8601 instant. */
  readonly date: string
}

/** The last day on which somebody was reminded of a step of an onboarding; undefined: never. */
export type LastReminded = (onboarding: string, person: Person, step: string) => string | undefined

export interface ReminderStore {
  /** Waits for whoever reminds of this onboarding at this moment; the lock ends with the connection. */
  lock(): Promise<void>
  /** As `lastReminded`, of this onboarding at this moment. */
  last(): Promise<LastReminded>
  /** Notes that a mail is about to be sent. null: this very mail was sent today. */
  begin(mail: {
    readonly to: Person; readonly steps: readonly string[]; readonly today: string; readonly subject: string
    readonly via: string; readonly repeatable: boolean
  }): Promise<Begun | null>
  /** It was taken: noted and journaled as one. */
  sentNow(message_id: string, response: string, entry: Pick<Entry, 'facts' | 'detail'>): Promise<Head>
  /** It is known that it was not sent: the next time it is tried again. */
  refused(message_id: string, why: string): Promise<void>
}

const LOCK = `hashtextextended('onboard remind ' || $1, 0)`
/** An open row that is no reason to be silent: nothing was sent, or sending it again does no harm. */
const OPEN = `(state IN ('refused', 'again') OR (state = 'sending' AND repeatable))`

/** No address in it: it stays when values of persons are erased. */
const markOf = (onboarding: string, { email }: Person): string =>
  sha256(`${onboarding} ${email.toLowerCase()}`).slice(0, 12)

/**
 * Who was reminded of what: it was sent, or handed over without anybody knowing how it ended. Of all onboardings by one
 * question, or of one.
 */
export async function lastReminded(client: Client, onboarding: string | null = null): Promise<LastReminded> {
  const { rows } = await client.query<{ onboarding: string; step: string }>(
    `SELECT onboarding, step FROM onboard.outbox
      WHERE starts_with(step, 'remind ') AND NOT ${OPEN} AND ($1::uuid IS NULL OR onboarding = $1::uuid)`, [onboarding],
  )
  const last = new Map<string, string>()
  for (const { onboarding: id, step } of rows) {
    const [, who = '', day = '', ...names] = step.split(' ')
    for (const name of names) {
      const key = `${id} ${who} ${decodeURIComponent(name)}`
      if (day > (last.get(key) ?? '')) last.set(key, day)
    }
  }
  return (id, person, step) => last.get(`${id} ${markOf(id, person)} ${step}`)
}

/** Of one onboarding, on a connection of the app role. */
export function remindersOn(client: Client, onboarding: string): ReminderStore {
  const mark = (person: Person): string => markOf(onboarding, person)
  return {
    async lock() {
      await client.query(`SELECT pg_advisory_lock(${LOCK})`, [onboarding])
    },
    last: () => lastReminded(client, onboarding),
    async begin({ to, steps, today, subject, via, repeatable }) {
      const step = ['remind', mark(to), today, ...steps.map(encodeURIComponent)].join(' ')
      const message_id = `<${sha256(`${onboarding} ${step}`).slice(0, 32)}@onboard.invalid>`
      const { rows } = await client.query<Begun>(
        `INSERT INTO onboard.outbox AS o
           (message_id, onboarding, step, state, content, recipients, subject, via, repeatable)
         VALUES ($1, $2, $3, 'sending', $4, $5, $6, $7, $8)
         ON CONFLICT (message_id) DO UPDATE
           SET state = 'sending', subject = $6, via = $7, repeatable = $8, response = NULL, sent_at = NULL
           WHERE o.state IN ('refused', 'again') OR (o.state = 'sending' AND o.repeatable)
         RETURNING message_id, to_char(began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS date`,
        [message_id, onboarding, step, sha256(step), [to.email], subject, via, repeatable],
      )
      // One of another day that was never sent: this one takes its place.
      await client.query(
        `UPDATE onboard.outbox SET closed_at = onboard.now()
          WHERE onboarding = $1 AND starts_with(step, $2) AND message_id <> $3 AND closed_at IS NULL AND ${OPEN}`,
        [onboarding, `remind ${mark(to)} `, message_id],
      )
      return rows[0] ?? null
    },
    async sentNow(message_id, response, { facts, detail }) {
      await client.query('BEGIN')
      try {
        await client.query(
          `UPDATE onboard.outbox SET state = 'sent', response = $2, sent_at = onboard.now() WHERE message_id = $1`,
          [message_id, response.slice(0, 500)],
        )
        const head = await append(client, onboarding, { kind: 'reminded', key: null, run: null, facts, detail })
        await client.query('COMMIT')
        return head
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined)
        throw error
      }
    },
    async refused(message_id, why) {
      const sql = `UPDATE onboard.outbox SET state = 'refused', response = $2 WHERE message_id = $1`
      await client.query(sql, [message_id, why.slice(0, 500)])
    },
  }
}

/** The outbox: one open row for each step that sends, written before the mail leaves, so that nothing is sent twice. */
import type { Reader, Writer } from '../../contract.ts'
import { sha256 } from '../../digest.ts'
import { OnboardError } from '../../errors.ts'

export type Mail = {
  readonly message_id: string
  readonly state: 'sending' | 'sent' | 'refused' | 'partly' | 'again'
  readonly content: string
  readonly via: string
  readonly repeatable: boolean
  readonly response: string | null
  /** ISO 8601 instants. */
  readonly began_at: string
  readonly sent_at: string | null
}

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`
const COLUMNS = `message_id, state, content, via, repeatable, response,
  to_char(began_at AT TIME ZONE 'UTC', ${INSTANT}) AS began_at,
  to_char(sent_at AT TIME ZONE 'UTC', ${INSTANT}) AS sent_at`

/** The mail of this step that was not closed by undo; null where none was begun. */
export async function openMail(read: Reader): Promise<Mail | null> {
  const row = await read.one<Mail>(
    `SELECT ${COLUMNS} FROM onboard.outbox WHERE onboarding = $1::uuid AND step = $2 AND closed_at IS NULL`,
    [read.onboarding.id, read.key],
  )
  return row ?? null
}

interface Begun {
  readonly content: string
  readonly recipients: readonly string[]
  readonly subject: string
  readonly via: string
  readonly repeatable: boolean
}

/**
 * Notes that a mail is about to be sent, and gives it its Message-ID.
 * One that was refused, or that a person wants to be sent again, keeps its own where it is the same mail.
 */
export async function beginMail(write: Writer, begun: Begun): Promise<Mail> {
  const { id } = write.onboarding
  const before = await openMail(write)
  const again = before !== null && (before.content === begun.content || before.state === 'sending')
  if (before !== null && !again) await closeMail(write, before.message_id)
  const params = [begun.content, [...begun.recipients], begun.subject, begun.via, begun.repeatable]
  if (again) {
    await write.run(
      `UPDATE onboard.outbox
          SET state = 'sending', content = $2, recipients = $3, subject = $4, via = $5, repeatable = $6,
              response = NULL, sent_at = NULL
        WHERE message_id = $1`,
      [before.message_id, ...params],
    )
  } else {
    const row = await write.one<{ count: string }>(
      'SELECT count(*)::text AS count FROM onboard.outbox WHERE onboarding = $1::uuid AND step = $2', [id, write.key],
    )
    await write.run(
      `INSERT INTO onboard.outbox (message_id, onboarding, step, state, content, recipients, subject, via, repeatable)
       VALUES ($1, $2, $3, 'sending', $4, $5, $6, $7, $8)`,
      [`<${sha256(`${id} ${write.key} ${row?.count ?? '0'}`).slice(0, 32)}@onboard.invalid>`, id, write.key, ...params],
    )
  }
  const mail = await openMail(write)
  if (mail !== null) return mail
  throw new OnboardError('bug', 'no-outbox', `the outbox has lost the mail of ${write.key}`)
}

/** Notes how it ended. */
export async function endMail(
  write: Writer, message: string, state: 'sent' | 'refused' | 'partly', response: string,
): Promise<void> {
  await write.run(
    `UPDATE onboard.outbox
        SET state = $2, response = $3, sent_at = CASE WHEN $2 = 'refused' THEN NULL ELSE onboard.now() END
      WHERE message_id = $1`,
    [message, state, response.slice(0, 500)],
  )
}

/** Its step was undone: another try is another mail. */
export async function closeMail(write: Writer, message: string): Promise<void> {
  await write.run(
    'UPDATE onboard.outbox SET closed_at = onboard.now() WHERE message_id = $1 AND closed_at IS NULL', [message],
  )
}

/** What only a person can settle, with the commands that do. */
export function unknownMail(read: Reader, mail: Mail, cause?: unknown): OnboardError {
  const id = mail.message_id.slice(1, 13)
  const message = mail.state === 'partly'
    ? `the mail ${mail.message_id} was taken by ${mail.via}, but ${mail.response}`
    : `it is not known whether ${mail.via} has sent the mail ${mail.message_id}, begun at ${mail.began_at}: `
      + 'ask there, or the recipient; it is not sent again unless you say so'
  return new OnboardError('waiting', 'mail-unknown', message, {
    suggestions: ['sent', 'resend'].map(
      (how) => `onboard document mail ${read.onboarding.key} --${how} ${id} --reason REASON`,
    ),
    ...(cause === undefined ? {} : { cause }),
  })
}

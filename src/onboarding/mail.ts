/** What a person says of a mail whose end nobody knows. */
import type { Head, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'

/** A mail of the outbox. */
export interface OutboxMail {
  readonly message_id: string
  /** First figures of its Message-ID: what a person types. */
  readonly id: string
  readonly step: string
  readonly state: 'sending' | 'sent' | 'refused' | 'partly' | 'again'
  readonly subject: string
  readonly recipients: readonly string[]
  readonly via: string
  readonly response: string | null
  /** ISO 8601 instants. */
  readonly began_at: string
  readonly sent_at: string | null
  /** true: its step was undone since. */
  readonly closed: boolean
}

/** The outbox of one onboarding. */
export interface Outbox {
  list(): Promise<readonly OutboxMail[]>
  /** Writes the decision where the mail is still in one of these states; false where it is not. */
  decide(message_id: string, from: readonly string[], to: 'sent' | 'again', response: string): Promise<boolean>
}

export interface MailDecision {
  readonly id: string
  readonly decision: 'sent' | 'resend'
  readonly reason: string
}

export interface Decided {
  readonly mail: OutboxMail
  readonly outcome: 'decided' | 'unchanged'
  readonly head: Head | null
}

/** States in which nobody knows, or not all have it. */
export const UNDECIDED: readonly string[] = ['sending', 'partly']

/**
 * Journals the decision and notes it in the outbox; the next apply follows it. The same decision again changes nothing.
 * Throws usage where there is no such mail, conflict where there is nothing to decide.
 */
export async function decideMail(work: Work, outbox: Outbox, { id, decision, reason }: MailDecision): Promise<Decided> {
  const { key } = work.onboarding
  const seeAlso = { suggestions: [`onboard document mail ${key}`] }
  const found = (await outbox.list()).filter((one) => one.message_id.slice(1).startsWith(id) || one.message_id === id)
  const [mail] = found
  if (mail === undefined || found.length > 1) {
    const count = mail === undefined ? 'no mail' : `${found.length} mails`
    throw new OnboardError('usage', 'unknown-mail', `${key} has ${count} ${id}`, seeAlso)
  }
  const to = decision === 'sent' ? 'sent' : 'again'
  if (mail.state === to && mail.response?.startsWith('decided: ') === true) {
    return { mail, outcome: 'unchanged', head: null }
  }
  if (!UNDECIDED.includes(mail.state) || mail.closed) {
    const state = mail.closed ? 'of a step that was undone' : mail.state
    throw new OnboardError(
      'conflict', 'nothing-to-decide', `the mail ${mail.id} is ${state}: there is nothing to decide`, seeAlso,
    )
  }
  const head = await work.append({
    kind: 'decided', key: null, run: null,
    facts: { mail: mail.message_id, decision, was: mail.state },
    detail: { reason, actor: { ...work.actor } },
  })
  if (!(await outbox.decide(mail.message_id, UNDECIDED, to, `decided: ${decision}`))) {
    throw new OnboardError(
      'conflict', 'nothing-to-decide', `the mail ${mail.id} was settled by somebody else meanwhile`, seeAlso,
    )
  }
  return { mail: { ...mail, state: to }, outcome: 'decided', head }
}

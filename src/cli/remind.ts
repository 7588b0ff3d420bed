/** Reminders of one onboarding: found, written and sent. */
import type { Client } from 'pg'
import type { Letter, Postbox } from '../contract.ts'
import { timesOf, heldBy } from '../engine/times.ts'
import type { JournalEntry, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { LastReminded, ReminderStore } from '../journal/reminders.ts'
import type { Person } from '../model.ts'
import type { Config } from '../onboarding/config.ts'
import { reminderData, reminderDays, type Reminder, remindersOf } from '../onboarding/remind.ts'
import { openItems } from '../onboarding/open-items.ts'
import type { OpenItem } from '../onboarding/tasks.ts'

export interface Reminded {
  readonly onboarding: string
  readonly company: string
  /** null: nobody holds the role. */
  readonly to: Person | null
  readonly subject: string | null
  readonly steps: readonly Pick<OpenItem & { readonly step: string }, 'step' | 'title' | 'due' | 'overdue'>[]
  /** planned: it would be sent. refused: it was not. unknown: nobody knows. nobody: there is no one to send it to. */
  readonly outcome: 'sent' | 'planned' | 'refused' | 'unknown' | 'nobody'
  readonly reason: string | null
  readonly message_id: string | null
}

export interface Reminders {
  readonly config: Config
  /** `YYYY-MM-DD`. */
  readonly today: string
  readonly isDryRun: boolean
  postbox(): Promise<Postbox>
  /** Entries that say whose a step is, and until when it is waived. */
  readonly marks: ReadonlyMap<string, readonly JournalEntry[]>
  /** What was not sent: the worst exit code counts. */
  readonly errors: Pick<OnboardError, 'exit' | 'suggestions'>[]
  /** Who was reminded of what, as the command began. */
  readonly last: LastReminded
  connected<T>(role: 'app', work: (client: Client) => Promise<T>): Promise<T>
}

/** What is sent today to the people of one onboarding; nothing while it is on hold. */
export async function remind(work: Work, given: Reminders): Promise<Reminded[]> {
  const { config, today, marks, isDryRun } = given
  const { id } = work.onboarding
  if (work.onboarding.cancelled_at) return []
  const isHeld = await work.reading(async (_read, { entries }) => heldBy(timesOf(entries)) !== null)
  if (isHeld) return []
  const items = await openItems(work, marks.get(id) ?? [])
  const asked = { items, config, handoff: work.inputs.handoff, days: reminderDays(config), today }
  const due = (last: LastReminded) => remindersOf({ ...asked, last: (person, step) => last(id, person, step) })
  const found = due(given.last)
  const nobody = found.nobody.map((item) => told(work, null, [item], {
    outcome: 'nobody' as const, reason: `nobody is ${item.for.join(' or ')}`,
  }))
  if (found.mails.length === 0) return nobody
  if (isDryRun) {
    const planned = await Promise.all(found.mails.map(async (mail) => {
      const { subject } = await written(work, mail, config)
      return told(work, mail.to, mail.items, { outcome: 'planned', subject })
    }))
    return [...planned, ...nobody]
  }
  const [{ remindersOn }, box] = [await import('../journal/reminders.ts'), await given.postbox()]
  return given.connected('app', async (client) => {
    const store = remindersOn(client, id)
    await store.lock()
    const done: Reminded[] = []
    // Somebody else may have reminded them since.
    for (const mail of due(await store.last()).mails) {
      const one = await sendOne(work, mail, box, store, given)
      if (one !== null) done.push(one)
    }
    return [...done, ...nobody]
  })
}

async function written(
  work: Work, mail: Reminder, config: Config,
): Promise<{ readonly subject: string; readonly body: Letter['body'] }> {
  const [{ compile, TRIED }, { header }] = await Promise.all([
    import('../documents/template.ts'), import('../documents/encode/header.ts'),
  ])
  const file = await work.reading((read) => read(work.onboarding.key).template('reminder'))
  const data = reminderData(mail, { customer: work.onboarding.company, vendor: config.vendor })
  const { title, text, media_type } = compile(file).render(data, TRIED)
  return { subject: header(title, 'subject'), body: { text, media_type } }
}

/** null: this very mail was sent meanwhile. */
async function sendOne(
  work: Work, mail: Reminder, box: Postbox, store: ReminderStore, { config, today, errors }: Reminders,
): Promise<Reminded | null> {
  const { subject, body } = await written(work, mail, config)
  const steps = mail.items.map(({ step }) => step)
  const { via, repeatable } = box
  const begun = await store.begin({ to: mail.to, steps, today, subject, via, repeatable })
  if (begun === null) return null
  const { message_id, date } = begun
  const ended = (outcome: Reminded['outcome'], error?: OnboardError): Reminded => {
    const { key } = work.onboarding
    const next = error?.suggestions.map((one) => one.replace('CUSTOMER', key)) ?? []
    if (error !== undefined) errors.push({ exit: error.exit, suggestions: next })
    return told(work, mail.to, mail.items, { outcome, subject, message_id, reason: error?.message ?? null })
  }
  let response: string
  try {
    const answer = await box.send({ message_id, to: [mail.to.email], cc: [], subject, date, body, attachments: [] })
    if (answer.refused.length > 0) throw new OnboardError(
      'failed', 'recipient-refused', `${via} does not take mail for ${mail.to.email}`,
    )
    response = answer.response
  } catch (error) {
    const id = message_id.slice(1, 13)
    if (!(error instanceof OnboardError) || error.kind === 'waiting') return ended('unknown', new OnboardError(
      'waiting', 'mail-unknown',
      `it is not known whether ${via} has sent the mail ${id} to ${mail.to.email}: it is not sent again`, {
        suggestions: [`onboard document mail ${work.onboarding.key} --resend ${id} --reason REASON`], cause: error,
      },
    ))
    await store.refused(message_id, error.message)
    // A server that is not there is there for nobody: the next time goes on from here.
    if (error.kind === 'unreachable') throw error
    return ended('refused', error)
  }
  await store.sentNow(message_id, response, {
    facts: { mail: message_id, steps }, detail: { to: { ...mail.to }, actor: { ...work.actor } },
  })
  return ended('sent')
}

function told(
  work: Work, to: Person | null, items: readonly OpenItem[], more: Partial<Reminded> & Pick<Reminded, 'outcome'>,
): Reminded {
  const { key: onboarding, company } = work.onboarding
  const steps = items.map(({ step, title, due, overdue }) => ({ step: step ?? '', title, due, overdue }))
  return { onboarding, company, to, subject: null, steps, reason: null, message_id: null, ...more }
}

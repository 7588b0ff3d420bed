import { randomUUID } from 'node:crypto'
import type { Effect } from '../contract.ts'
import type { Head, Session, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { Change, JsonObject, Person } from '../model.ts'
import { type CheckIn, CHECK_IN, hypercareAt, type Hypercare, meantBy, nextAfter } from './check-ins.ts'
import { gathered, heldOf, type Row } from './check-in-record.ts'
import { sign } from './sign.ts'

export interface CheckInRequest {
  /** Day after go-live; left out: the one whose time has come. */
  readonly day: number | undefined
  /** What the customer says; left out: as it was recorded before. */
  readonly feedback: string | undefined
  readonly holder: Person
  readonly roles: readonly string[]
}

export interface CheckInResult {
  readonly onboarding: string
  readonly outcome: 'held' | 'changed' | 'unchanged'
  readonly day: number
  readonly date: string
  /** Name of its record among the documents, and sha256 (hex). */
  readonly document: { readonly name: string; readonly digest: string }
  readonly data: JsonObject
  /** Days of check-ins that were never held. */
  readonly missed: readonly number[]
  readonly next: { readonly day: number; readonly date: string } | null
  readonly head: Head | null
}

type DocumentEffect = Effect<JsonObject, JsonObject, unknown, Change>

/**
 * Holds a check-in: measures since the last one, takes over what is open, writes the record and signs the step. The
 * same again changes nothing; other feedback is another version of the record, with the numbers as they were.
 */
export async function holdCheckIn(work: Work, request: CheckInRequest): Promise<CheckInResult> {
  const run = randomUUID()
  // One at a time: the run's lock keeps a second one out.
  const session = await work.session(run)
  let written: { row: Row; head: Head | null; hypercare: Hypercare; one: CheckIn; outcome: CheckInResult['outcome'] }
  try {
    const hypercare = await hypercareAt(work, await session.look('brief'))
    const one = meantBy(hypercare, request.day)
    const role = mayHold(work, request, one)
    const { rows, data, before } = await work.reading(async (read) => {
      const reader = read(work.onboarding.key)
      const rows = await heldOf(reader)
      const before = rows.find(({ day }) => day === one.day)
      return {
        rows, before, data: before === undefined ? await gathered(work, reader, hypercare, one, rows) : before.data,
      }
    })
    const feedback = request.feedback ?? (before?.data['feedback'] as string | undefined)
    const full: JsonObject = { ...data, ...(feedback === undefined ? {} : { feedback }) }
    const changed = before === undefined || before.data['feedback'] !== full['feedback']
    if (!changed) written = { row: before, head: null, hypercare, one, outcome: 'unchanged' }
    else {
      await session.begin(null)
      const digest = await record(work, session, one.day, request.holder.email, full)
      const head = await session.commit({
        kind: 'checked_in', key: one.step, run,
        facts: { day: one.day, document: digest, missed: missedOf(hypercare, rows), role },
        detail: { data: full, by: { name: request.holder.name, email: request.holder.email } },
      })
      written = {
        row: { day: one.day, held_at: '', data: full, document: digest }, head, hypercare, one,
        outcome: before === undefined ? 'held' : 'changed',
      }
    }
  } finally {
    await session.close()
  }
  const { row, hypercare, one, outcome } = written
  const signed = await signStep(work, request, one, row)
  const next = nextAfter(hypercare, one.day)
  return {
    onboarding: work.onboarding.key, outcome, day: one.day, date: one.date,
    document: { name: `check-in-day-${one.day}`, digest: row.document }, data: row.data,
    missed: hypercare.check_ins.filter(({ day, state }) => state === 'missed' && day !== one.day).map(({ day }) => day),
    next: next === null ? null : { day: next.day, date: next.date },
    head: signed ?? written.head,
  }
}

/** Writes the record and the row, in the session's transaction; gives the record's digest. */
async function record(work: Work, session: Session, day: number, by: string, data: JsonObject): Promise<string> {
  const effect = (await work.catalogue.load('document.render')) as unknown as DocumentEffect | undefined
  if (effect?.kind !== 'effect') throw new OnboardError('bug', 'no-documents', 'the action document.render is missing')
  const key = `${work.onboarding.key}/check-in/${day}`
  const input = { template: 'check-in', name: `check-in-day-${day}`, data }
  const reader = session.reader(key)
  const writer = session.writer(key, () => undefined)
  const change = effect.plan(input, await effect.check(reader, input))
  if (change !== null) await session.write(() => effect.apply(writer, change))
  const { digest } = effect.outputs(input, await effect.check(reader, input)) as { readonly digest: string }
  await session.write(() => writer.run(
    `INSERT INTO onboard.check_in (onboarding, day, held_at, held_by, data, document)
     VALUES ($1::uuid, $2, onboard.now(), $3, $4::jsonb, $5)
     ON CONFLICT (onboarding, day) DO UPDATE SET data = excluded.data, document = excluded.document`,
    [reader.onboarding.id, day, by, JSON.stringify(data), digest]))
  return digest
}

function missedOf({ check_ins }: Hypercare, rows: readonly Row[]): number[] {
  const missed = check_ins.filter(({ state }) => state === 'missed').map(({ day }) => day)
  return missed.filter((day) => !rows.some((row) => row.day === day))
}

/** The role in which this person holds it. Throws forbidden before anything is measured. */
function mayHold(work: Work, { roles, holder }: CheckInRequest, { step }: CheckIn): string {
  const found = work.runbook.phases.find(({ id }) => id === step.phase)
    ?.steps.find(({ id, uses }) => id === step.step && uses === CHECK_IN)
  const from = (found?.with['from'] as readonly string[] | undefined) ?? found?.owner ?? []
  const role = from.find((one) => roles.includes(one))
  if (role !== undefined) return role
  throw new OnboardError(
    'forbidden', 'wrong-role',
    `a check-in is held by ${from.join(' or ')}; ${holder.email} is ${roles.join(', ') || 'in no role of the config'}`,
    { suggestions: [`onboard hypercare check-in ${work.onboarding.key} --signer MAIL`] },
  )
}

/** The step's word, with the record as its evidence: given again where a crash came between the two. */
async function signStep(
  work: Work, { holder, roles }: CheckInRequest, { step, day }: CheckIn, { document }: Row,
): Promise<Head | null> {
  const bytes = await work.reading(async (read) => {
    const row = await read(work.onboarding.key).one<{ bytes: Uint8Array }>(
      'SELECT bytes FROM onboard.evidence WHERE digest = $1', [document],
    )
    return row?.bytes
  })
  if (bytes === undefined) {
    throw new OnboardError('verification', 'document-changed', `the record of day ${day} is gone`)
  }
  const result = await sign(work, {
    step: `${step.phase}.${step.step}/${step.instance}`, signer: holder, roles, note: null, evidence: [
      { name: `check-in-day-${day}.md`, bytes },
    ],
  })
  return result.head
}

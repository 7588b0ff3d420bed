import { randomUUID } from 'node:crypto'
import type { Action, Effect, Reader } from '../contract.ts'
import { basisFor } from '../engine/basis.ts'
import { fieldChanges } from '../engine/differences.ts'
import { hasUnknown } from '../engine/digest.ts'
import { actionOfStep, inputsOf, questionOf } from '../engine/evaluation.ts'
import { idempotencyKey, keyText } from '../engine/keys.ts'
import type { Entry, Head, Work } from '../engine/ports.ts'
import { isMissing } from '../engine/readiness.ts'
import { recorded } from '../engine/recorded.ts'
import { foldRecords } from '../engine/records.ts'
import { EVERYTHING, Walk, type Turn } from '../engine/walk.ts'
import { OnboardError, type Diagnostic } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { UNKNOWN } from '../model.ts'
import type { Answer, Change, FieldChange, Json, StepKey } from '../model.ts'
import { adoptInvalid, type AdoptFile, type Attested } from './adopt-file.ts'
import type { Config } from './config.ts'
import { contactsOf, sameMail, staffOf, withMail } from './people.ts'

/** A file that is handed in as evidence. */
export interface GivenFile {
  readonly name: string
  readonly digest: string
  readonly size: number
  readonly bytes: Uint8Array
}

export interface Adoption {
  readonly file: AdoptFile
  /** The file's name in messages. */
  readonly shown: string
  /** Reads a file named there; throws invalid where it cannot be. */
  evidence(name: string): Promise<GivenFile>
  readonly config: Pick<Config, 'roles'>
  /** `YYYY-MM-DD` */
  readonly today: string
}

/** What adopting makes of one past step. */
export interface AdoptedStep {
  readonly key: StepKey
  readonly title: string
  /** adopted: its rows are taken over. attested: a person did or said it. unchanged: it was known already. */
  readonly outcome: 'adopted' | 'attested' | 'unchanged'
  readonly target: string | null
  /** Where what is there differs from what the handoff asks for: what the next apply would change. */
  readonly differences: readonly FieldChange[]
  readonly by: string | null
  readonly date: string | null
}

export interface Adopted {
  readonly onboarding: string
  readonly outcome: 'adopted' | 'planned' | 'unchanged'
  readonly steps: readonly AdoptedStep[]
  /** The journal's head after it; null where nothing was written. */
  readonly head: Head | null
}

interface Found {
  readonly step: AdoptedStep
  readonly entry: Entry | null
  readonly files: readonly GivenFile[]
  readonly outputs: Json | typeof UNKNOWN
}

/**
 * Takes over what was done by hand: rows that are there, as they are, and words that were given. Changes nothing but
 * the journal; what differs from the handoff is shown, and is the next plan's. What is adopted is never undone. All
 * mistakes of the file are thrown at once (invalid), before anything is written.
 */
export async function adopt(work: Work, adoption: Adoption, dryRun: boolean): Promise<Adopted> {
  const { key } = work.onboarding
  const run = randomUUID()
  const session = dryRun ? null : await work.session(run)
  try {
    const found = await look(work, adoption, run)
    const steps = found.map(({ step }) => step)
    const entries = found.flatMap(({ entry }) => (entry === null ? [] : [entry]))
    if (entries.length === 0) return { onboarding: key, outcome: 'unchanged', steps, head: null }
    if (session === null) return { onboarding: key, outcome: 'planned', steps, head: null }
    for (const { bytes } of found.flatMap(({ files }) => files)) await work.store(bytes)
    let head: Head | null = null
    for (const entry of entries) {
      head = await session.append(entry)
      work.reached?.(`${entry.key === null ? '' : keyText(entry.key)} adopted`)
    }
    return { onboarding: key, outcome: 'adopted', steps, head }
  } finally {
    await session?.close()
  }
}

/** Goes through the runbook as if the steps of the file were done, and finds what each of them is. */
async function look(work: Work, { file, shown, ...adoption }: Adoption, run: string): Promise<readonly Found[]> {
  const wrong: Diagnostic[] = []
  const found: Found[] = []
  const met = new Set<string>()
  await work.reading(async (read, { entries, now }) => {
    const walk = new Walk(work, foldRecords(entries), now, { ...EVERYTHING, beside: true }, 'journal')
    for (const turn of walk.turns()) {
      const name = keyText(turn.key)
      const past = file.steps.get(name)
      const state = await recorded(work, turn, now)
      met.add(name)
      if (past === undefined || state.state === 'settled') {
        walk.settle(turn, state.state === 'settled', state.state === 'settled' ? state.outputs : UNKNOWN)
        if (past !== undefined) found.push({ step: known(turn), entry: null, files: [], outputs: null })
        continue
      }
      try {
        const one = await take(work, turn, past, read(idempotencyKey(work.onboarding, turn.key)), adoption, run)
        found.push(one)
        walk.settle(turn, true, one.outputs)
      } catch (error) {
        if (!(error instanceof OnboardError) || error.kind === 'bug' || error.kind === 'unreachable') throw error
        wrong.push({
          ...file.at(name), message: `${name}: ${error.message}`, rule: error.code, severity: 'error',
          field: `steps.${name}`,
        })
        walk.settle(turn, true, UNKNOWN) // those after it have mistakes of their own to tell
      }
    }
  })
  for (const name of file.steps.keys()) {
    if (met.has(name)) continue
    const near = nearest(name, [...met])
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    wrong.push({
      ...file.at(name), message: `the runbook of ${work.onboarding.key} has no step ${name}${hint}`,
      rule: 'unknown-step', severity: 'error', field: `steps.${name}`,
    })
  }
  if (wrong.length > 0) throw adoptInvalid(shown, wrong, looksFirst(work, wrong))
  return found
}

/** What has the steps looked at that stand before one of the file, and goes no further. */
function looksFirst(work: Work, wrong: readonly Diagnostic[]): readonly string[] {
  const phases = wrong.filter(({ rule }) => rule === 'not-its-turn')
    .flatMap(({ message }) => / needs ([a-z0-9_]+)\./.exec(message)?.[1] ?? [])
  return [...new Set(phases)].map((phase) => `onboard apply ${work.onboarding.key} --phase ${phase}`)
}

type Rest = Omit<Adoption, 'file' | 'shown'>

async function take(
  work: Work, turn: Turn, past: 'found' | Attested, reader: Reader, adoption: Rest, run: string,
): Promise<Found> {
  if (turn.readiness.state !== 'ready') {
    const reason = turn.readiness.state === 'settled' ? `it is ${turn.readiness.as}` : turn.readiness.reason
    throw refusal('not-its-turn', `${reason}: neither done nor in this file`)
  }
  const action = await actionOfStep(work, turn)
  if (action.kind === 'probe') {
    throw refusal('a-machine-looks', 'a machine looks at that: leave it out, and apply looks')
  }
  if (action.kind === 'ask') {
    if (past === 'found') throw refusal('a-word', 'a person answers that: say who, when, and with which evidence')
    return word(work, turn, action, past, adoption, run)
  }
  return effect(work, turn, action as never, past, reader, adoption, run)
}

/** A word that was given: as a sign-off of today would be, with the day on which it was. */
async function word(
  work: Work, turn: Turn, action: Extract<Action, { kind: 'ask' }>, past: Attested, adoption: Rest, run: string,
): Promise<Found> {
  const { question, binds } = questionOf(work, turn, action)
  const { signer, roles } = personOf(work, past, adoption)
  const role = question.from.find((one) => roles.includes(one))
  if (role === undefined) {
    throw refusal('wrong-role', `it is signed by ${question.from.join(' or ')}; ${past.by} is ${roles.join(', ')}`)
  }
  if (question.distinct_from?.some((email) => sameMail(email, past.by))) {
    throw refusal('same-signer', `it must be signed by somebody else than ${past.by}`)
  }
  const files = await filesOf(past, adoption)
  const evidence = files.map(({ name, digest, size }) => ({ name, digest, size }))
  const answer: Answer = {
    signer, role, recorder: work.actor, note: past.note ?? null, evidence,
    ...(past.values === undefined ? {} : { values: past.values }),
  }
  const outputs = action.accept(question, answer)
  if (isMissing(outputs)) throw refusal('missing', outputs.missing)
  return {
    step: { ...known(turn), outcome: 'attested', by: past.by, date: past.date }, files, outputs,
    entry: {
      kind: 'attested', key: turn.key, run,
      facts: {
        as: 'word', binds, role, basis: basisFor(work, turn.step, turn.scope), date: past.date,
        evidence: evidence.map((one) => one.digest),
      },
      detail: { answer: answer as unknown as Json, outputs, question: question as unknown as Json },
    },
  }
}

/** Rows that are there, as they are; or an effect that nobody can see any more, of which somebody says that it was. */
async function effect(
  work: Work, turn: Turn, action: Effect<never, Json, never, Change>, past: 'found' | Attested, reader: Reader,
  adoption: Rest, run: string,
): Promise<Found> {
  const { uses } = turn.step
  const inputs = inputsOf(work, turn, action as never)
  if (hasUnknown(inputs)) throw refusal('unknown-inputs', 'its inputs are not known: a step that it reads was not done')
  const seen = await action.check(reader, inputs as never)
  const change = action.plan(inputs as never, seen)
  // Of rows some may differ; an effect outside was, or was not.
  const there = change === null || (action.where === 'database' && change.before !== null)
  if (past === 'found' && !there) {
    throw refusal('not-there', `${change.target} is not there: there is nothing to take over, and apply would make it`)
  }
  if (past === 'found' || there) {
    const outputs = action.outputs(inputs as never, seen)
    const step: AdoptedStep = {
      ...known(turn), outcome: 'adopted', target: change?.target ?? null, differences: fieldChanges(change),
    }
    const date = past === 'found' ? {} : { date: past.date }
    return {
      step, files: [], outputs,
      entry: {
        kind: 'adopted', key: turn.key, run, facts: { outcome: 'unchanged', uses, ...date },
        detail: { input: inputs as Json, outputs, found: seen as Json },
      },
    }
  }
  if (action.where === 'database') {
    const message = `${change.target} is in the database, and is not there: a word does not take its place`
    throw refusal('not-there', message)
  }
  const { signer } = personOf(work, past, adoption)
  const files = await filesOf(past, adoption)
  if (files.length === 0) throw refusal('missing', 'nobody can see that any more: it needs evidence')
  const evidence = files.map(({ name, digest, size }) => ({ name, digest, size }))
  return {
    step: { ...known(turn), outcome: 'attested', target: change.target, by: past.by, date: past.date }, files,
    outputs: null,
    entry: {
      kind: 'attested', key: turn.key, run,
      facts: { as: 'effect', uses, date: past.date, evidence: evidence.map((one) => one.digest) },
      detail: { by: { ...signer }, note: past.note ?? null, evidence, outputs: null },
    },
  }
}

function personOf(work: Work, { by, date }: Attested, { config, today }: Rest) {
  if (date > today) throw refusal('date', `${date} has not come: today is ${today}`)
  const staff = withMail(staffOf(config as Config), by)
  const contacts = withMail(contactsOf(work.inputs.handoff), by)
  const signer = (staff[0] ?? contacts[0])?.person
  if (signer === undefined) {
    throw refusal('unknown-person', `${by} is in no role of the config, and no contact of the handoff`)
  }
  return { signer, roles: [...staff.map(({ role }) => role), ...(contacts.length > 0 ? ['customer'] : [])] }
}

async function filesOf({ evidence = [] }: Attested, adoption: Rest): Promise<readonly GivenFile[]> {
  const files: GivenFile[] = []
  for (const name of evidence) files.push(await adoption.evidence(name))
  return files
}

function known({ key, step }: Turn): AdoptedStep {
  return { key, title: step.title, outcome: 'unchanged', target: null, differences: [], by: null, date: null }
}

function refusal(code: string, message: string): OnboardError {
  return new OnboardError('invalid', code, message)
}

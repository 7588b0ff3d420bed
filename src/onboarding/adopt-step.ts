/** What one step of an adopt file is: rows that are there, a word that was given, or an effect that is attested. */
import type { Action, Effect, Reader } from '../contract.ts'
import { basisFor } from '../engine/basis.ts'
import { fieldChanges } from '../engine/differences.ts'
import { hasUnknown } from '../engine/digest.ts'
import { actionOfStep, inputsOf, questionOf } from '../engine/evaluation.ts'
import type { Entry, Work } from '../engine/ports.ts'
import { isMissing } from '../engine/readiness.ts'
import type { Turn } from '../engine/walk.ts'
import { OnboardError } from '../errors.ts'
import type { UNKNOWN } from '../model.ts'
import type { Answer, Change, FieldChange, Json, StepKey } from '../model.ts'
import type { Attested } from './adopt-file.ts'
import type { Config } from './config.ts'
import { contactsOf, sameMail, staffOf, withMail } from './people.ts'

/** A file that is handed in as evidence. */
export interface GivenFile {
  readonly name: string
  readonly digest: string
  readonly size: number
  readonly bytes: Uint8Array
}

/** By what it is judged who did something, and when. */
export interface Witness {
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

/** With what is journaled of it. */
export interface Found {
  readonly step: AdoptedStep
  readonly entry: Entry | null
  readonly files: readonly GivenFile[]
  readonly outputs: Json | typeof UNKNOWN
}

/**
 * What a step of the file is taken as: adopted with its rows, or attested. `run` is that of its journal entry.
 * @throws OnboardError (invalid) where it cannot be what the file says
 */
export async function asFound(
  work: Work, turn: Turn, past: 'found' | Attested, reader: Reader, witness: Witness, run: string,
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
    return word(work, turn, action, past, witness, run)
  }
  return effect(work, turn, action as never, past, reader, witness, run)
}

/** A word that was given: as a sign-off of today would be, with the day on which it was. */
async function word(
  work: Work, turn: Turn, action: Extract<Action, { kind: 'ask' }>, past: Attested, witness: Witness, run: string,
): Promise<Found> {
  const { question, binds } = questionOf(work, turn, action)
  const { signer, roles } = personOf(work, past, witness)
  const role = question.from.find((one) => roles.includes(one))
  if (role === undefined) {
    throw refusal('wrong-role', `it is signed by ${question.from.join(' or ')}; ${past.by} is ${roles.join(', ')}`)
  }
  if (question.distinct_from?.some((email) => sameMail(email, past.by))) {
    throw refusal('same-signer', `it must be signed by somebody else than ${past.by}`)
  }
  const files = await filesOf(past, witness)
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
  witness: Witness, run: string,
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
  const { signer } = personOf(work, past, witness)
  const files = await filesOf(past, witness)
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

function personOf(work: Work, { by, date }: Attested, { config, today }: Witness) {
  if (date > today) throw refusal('date', `${date} has not come: today is ${today}`)
  const staff = withMail(staffOf(config as Config), by)
  const contacts = withMail(contactsOf(work.inputs.handoff), by)
  const signer = (staff[0] ?? contacts[0])?.person
  if (signer === undefined) {
    throw refusal('unknown-person', `${by} is in no role of the config, and no contact of the handoff`)
  }
  return { signer, roles: [...staff.map(({ role }) => role), ...(contacts.length > 0 ? ['customer'] : [])] }
}

async function filesOf({ evidence = [] }: Attested, witness: Witness): Promise<readonly GivenFile[]> {
  const files: GivenFile[] = []
  for (const name of evidence) files.push(await witness.evidence(name))
  return files
}

/** A step that is done by the journal already. */
export function known({ key, step }: Turn): AdoptedStep {
  return { key, title: step.title, outcome: 'unchanged', target: null, differences: [], by: null, date: null }
}

function refusal(code: string, message: string): OnboardError {
  return new OnboardError('invalid', code, message)
}

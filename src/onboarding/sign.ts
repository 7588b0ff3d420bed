import { createHash } from 'node:crypto'
import type { Action } from '../contract.ts'
import { basisFor } from '../engine/basis.ts'
import { canonical } from '../engine/digest.ts'
import { questionOf, actionOfStep } from '../engine/evaluation.ts'
import { keyText } from '../engine/keys.ts'
import type { Head, Work } from '../engine/ports.ts'
import { isMissing } from '../engine/readiness.ts'
import { recorded, settleBy } from '../engine/recorded.ts'
import { foldRecords } from '../engine/records.ts'
import { signCommand } from '../engine/sign-command.ts'
import { EVERYTHING, Walk } from '../engine/walk.ts'
import type { Turn } from '../engine/walk.ts'
import { OnboardError } from '../errors.ts'
import type { Answer, Json, JsonObject, Person, Question, StepKey } from '../model.ts'
import { findStep } from './find-step.ts'

export interface SignRequest {
  readonly step: string
  readonly signer: Person
  /** Roles that the signer holds; `customer` for a contact of the customer. */
  readonly roles: readonly string[]
  readonly note: string | null
  readonly evidence: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  /** Of a form: what is filled in. */
  readonly values?: JsonObject
}

export interface SignResult {
  readonly onboarding: string
  readonly key: StepKey
  readonly outcome: 'signed' | 'unchanged'
  readonly signer: Person
  readonly role: string
  /** sha256 (hex) of what was signed. */
  readonly binds: string
  readonly head: Head | null
}

/** A step that waits for a person's word, what it asks now, and the role in which this person may answer. */
export interface Asked {
  readonly key: StepKey
  readonly turn: Turn
  readonly action: Extract<Action, { kind: 'ask' }>
  readonly question: Question
  /** sha256 (hex) of what a word is bound to. */
  readonly binds: string
  readonly role: string
}

/**
 * The question of the step that a person named. Throws: not a step that asks (usage), not its turn (waiting), not this
 * person's to say (forbidden).
 */
export async function askedOf(work: Work, step: string, signer: Person, roles: readonly string[]): Promise<Asked> {
  const customer = work.onboarding.key
  const turn = await turnOf(work, findStep(work.runbook, step, customer))
  const { key } = turn
  const action = await actionOfStep(work, turn)
  const name = keyText(key)
  if (action.kind !== 'ask') {
    throw new OnboardError(
      'usage', 'not-signable', `${name} is not signed by anyone: ${turn.step.uses} is done or checked by a machine`,
      { suggestions: [`onboard apply ${customer} --step ${turn.step.id}`] },
    )
  }
  if (turn.readiness.state !== 'ready') {
    const reason = ofPhases(turn.readiness.reason ?? '', key.phase)
    throw new OnboardError(
      'waiting', 'not-ready', `${name} cannot be signed yet: ${reason}`, { suggestions: [`onboard apply ${customer}`] },
    )
  }
  const { question, binds } = questionOf(work, turn, action)
  const role = question.from.find((r) => roles.includes(r))
  if (role === undefined) {
    throw new OnboardError(
      'forbidden', 'wrong-role',
      `${name} is signed by ${question.from.join(' or ')}; `
        + `${signer.email} is ${roles.join(', ') || 'in no role of the config'}`,
      { suggestions: ableToSign(work, `onboard sign ${customer} ${name}`, question.from) },
    )
  }
  if (question.distinct_from?.some((email) => email.toLowerCase() === signer.email.toLowerCase())) {
    throw new OnboardError(
      'forbidden', 'same-signer',
      `${name} must be signed by somebody else: ${signer.email} signed what it is to be independent of`,
      { suggestions: [`onboard sign ${customer} ${name} --signer MAIL`] },
    )
  }
  return { key, turn, action, question, binds, role }
}

/** The command for somebody who holds one of the roles. */
function ableToSign({ inputs }: Work, command: string, roles: readonly string[]): readonly string[] {
  if (roles.includes('customer')) return [`${command} --on-behalf-of CONTACT`]
  const people = (inputs.config['roles'] ?? {}) as unknown as Readonly<Record<string, readonly Person[]>>
  const [person] = roles.flatMap((role) => people[role] ?? [])
  return [`${command} --signer ${person?.email ?? 'MAIL'}`]
}

/**
 * Records a person's word on a step that waits for it, bound to what it was given on. The same word again changes
 * nothing. Takes no run lock. Throws as `askedOf`, and where evidence is missing (invalid); nothing is stored then.
 */
export async function sign(work: Work, request: SignRequest): Promise<SignResult> {
  const { key, turn, action, question, binds, role } = await askedOf(work, request.step, request.signer, request.roles)
  const name = keyText(key)
  if (question.first !== undefined) {
    throw new OnboardError(
      'waiting', 'not-ready', `${name} cannot be signed yet: something else is done first`,
      { suggestions: [signCommand(work.onboarding.key, turn, question)] },
    )
  }
  if (request.values !== undefined && question.fields === undefined) {
    throw new OnboardError(
      'usage', 'not-a-form', `${name} is no form: it asks for a word, not for values`,
      { suggestions: [signCommand(work.onboarding.key, turn, question)] },
    )
  }
  const evidence = request.evidence.map(({ name: file, bytes }) => (
    { name: file, digest: sha256(bytes), size: bytes.length }
  ))
  const answer: Answer = {
    signer: request.signer, role, recorder: work.actor, note: request.note, evidence,
    ...(request.values === undefined ? {} : { values: request.values }),
  }
  const outputs = action.accept(question, answer)
  if (isMissing(outputs)) {
    const [code, command] = question.fields === undefined
      ? ['evidence-missing', `onboard sign ${work.onboarding.key} ${name} --evidence FILE`] as const
      : ['answers-invalid', signCommand(work.onboarding.key, turn, question)] as const
    throw new OnboardError('invalid', code, `${name}: ${outputs.missing}`, { suggestions: [command] })
  }
  const result = { onboarding: work.onboarding.key, key, signer: request.signer, role, binds }
  const word = turn.record?.word
  const before = word?.kind === 'signed' && word.facts['binds'] === binds ? word.detail['answer'] : undefined
  if (sameWord(before as unknown as Answer | undefined, answer)) return { ...result, outcome: 'unchanged', head: null }
  for (const { bytes } of request.evidence) await work.store(bytes)
  const head = await work.append({
    kind: 'signed', key, run: null,
    facts: { binds, role, basis: basisFor(work, turn.step, turn.scope), evidence: evidence.map((e) => e.digest) },
    detail: {
      answer: answer as unknown as Json, outputs, question: question as unknown as Json,
      // As it is stored a map has no order.
      ...(question.fields === undefined ? {} : { fields: Object.keys(question.fields) }),
    },
  })
  return { ...result, outcome: 'signed', head }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function sameWord(before: Answer | undefined, after: Answer): boolean {
  const digests = (a: Answer): string => a.evidence.map((e) => e.digest).toSorted().join()
  if (before === undefined || before.signer.email !== after.signer.email || before.note !== after.note) return false
  return digests(before) === digests(after) && canonical(before.values ?? null) === canonical(after.values ?? null)
}

/**
 * A step's turn as the journal has it: its readiness and what its expressions see. What repeats once needs no instance.
 */
export async function turnOf(work: Work, key: StepKey): Promise<Turn> {
  return work.reading(async (_read, look) => {
    const walk = new Walk(work, foldRecords(look.entries), look.now, EVERYTHING, 'journal')
    const repeated: Turn[] = []
    for (const turn of walk.turns()) {
      if (isNamed(turn, key)) return turn
      if (key.instance === '' && turn.key.phase === key.phase && turn.key.step === key.step) repeated.push(turn)
      const state = await recorded(work, turn, look.now)
      settleBy(walk, turn, state)
    }
    const [only] = repeated
    if (only !== undefined) {
      if (repeated.length === 1) return only
      throw new OnboardError(
        'usage', 'ambiguous-step', `${keyText(key)} repeats: ${repeated.map((turn) => keyText(turn.key)).join(', ')}`,
        { suggestions: [`onboard status ${work.onboarding.key} --all`] },
      )
    }
    const isProcedure = work.runbook.procedures.some(({ id }) => id === key.phase)
    const idle = isProcedure ? `: the procedure ${key.phase} is not under way` : ''
    throw new OnboardError(
      'usage', 'unknown-step', `${work.onboarding.key} has no step '${keyText(key)}'${idle}`,
      { suggestions: [`onboard status ${work.onboarding.key}`] },
    )
  })
}

/** Is it the step that a person named? One of a procedure under way is named without the number of the time, too. */
function isNamed({ key, scope }: Turn, { phase, step, instance }: StepKey): boolean {
  if (key.phase !== phase || key.step !== step) return false
  return key.instance === instance || (scope.procedure !== undefined && (scope.each ?? '') === instance)
}

/**
 * `needs contract.a, contract.b, provision.c`, said in provision, is `needs contract, provision.c`: a phase that comes
 * first is named once.
 */
function ofPhases(reason: string, phase: string): string {
  if (!reason.startsWith('needs ')) return reason
  const names = reason.slice('needs '.length).split(', ')
    .map((name) => (name.startsWith(`${phase}.`) ? name : name.replace(/\..*$/, '')))
  return `needs ${[...new Set(names)].join(', ')}`
}

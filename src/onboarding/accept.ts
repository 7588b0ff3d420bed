import { createHash } from 'node:crypto'
import { digest } from '../engine/digest.ts'
import type { Head } from '../engine/ports.ts'
import { OnboardError, type Diagnostic } from '../errors.ts'
import { shown } from '../input/unsafe.ts'
import { quote } from '../input/shell.ts'
import type { Actor, JsonObject, Person, Runbook } from '../model.ts'
import type { Config } from './config.ts'
import { differenceFrom } from './difference-from.ts'
import type { Feasibility } from './feasibility.ts'
import { feasibleFor } from './feasible-for.ts'
import { checkHandoff, errorsOf, type CheckedHandoff, type HandoffSource } from './handoff.ts'
import { PAST } from './handoff-rules.ts'
import type { InputKind, IntakeStore, IntakeTransaction, PinnedRunbook, StoredOnboarding } from './intake-store.ts'
import { SLUG } from './slug.ts'

export interface Acceptance {
  readonly store: IntakeStore
  readonly handoff: HandoffSource
  readonly discovery?: HandoffSource | undefined
  /** What is to be pinned. It is loaded for a new onboarding: one that is there has pinned its own. */
  readonly runbook: {
    /** null where it has to be loaded to know. */
    readonly name: string | null
    load(): Promise<PinnedRunbook>
  }
  /** '' where the customer has one onboarding; else what stands after the slash: `eu` in `acme/eu`. */
  readonly name: string
  readonly actor: Actor
  /** Who of engineering takes it on; null: nobody said so, and the actor alone is recorded. */
  readonly accepted_by?: Acceptor | null
  readonly config: Config
  /** `YYYY-MM-DD` */
  readonly today: string
}

/** A person with the role in which they accept. */
export interface Acceptor {
  readonly person: Person
  readonly role: string
}

export interface Accepted {
  /** opened: begun. updated: a discovery came in that was missing. unchanged: the same as before. */
  readonly outcome: 'opened' | 'updated' | 'unchanged'
  readonly onboarding: string
  readonly company: string
  /** Who of engineering took it on with this command; null where nobody is named, or nothing was written. */
  readonly accepted_by: Acceptor | null
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string }
  readonly completeness: number
  readonly missing: readonly string[]
  readonly warnings: readonly Diagnostic[]
  readonly feasibility: Feasibility | null
  /** The journal's head after it; null where nothing was written. */
  readonly head: Head | null
}

/**
 * Takes a handoff in: customer, onboarding with its pinned runbook, inputs and the first journal entries, at once.
 * The same handoff again changes nothing, also at the same moment from two places; another one is a conflict that says
 * what differs.
 * @throws OnboardError invalid (findings, a slug that another company has), conflict (another content or runbook).
 */
export async function acceptHandoff(request: Acceptance): Promise<Accepted> {
  const { store, handoff, discovery, name, config, today } = request
  if (name !== '' && !SLUG.test(name)) {
    throw new OnboardError(
      'usage', 'onboarding-name', `--name must be lower-case letters, digits and hyphens, not ${shown(name)}`,
    )
  }
  const checked = checkHandoff(handoff, { discovery, today, config })
  const errors = errorsOf(checked.diagnostics)
  const { document } = checked
  // A handoff that was accepted in time stays accepted: whether it was is known further down.
  if (document === null || errors.some(({ rule }) => rule !== PAST)) throw invalidHandoff(handoff.file, checked)
  const { slug, name: company } = document['company'] as { slug: string; name: string }
  return store.transaction(async (transaction) => {
    await transaction.claim(slug)
    const customer = await transaction.customer(slug)
    if (customer !== null && customer.company !== company) throw slugTaken(slug, customer.company, company)
    const known = customer === null ? null : await transaction.onboarding(customer.id, name)
    if (known !== null) return again(transaction, request, checked, known, slug)
    if (errors.length > 0) throw invalidHandoff(handoff.file, checked)
    const loaded = await request.runbook.load()
    const id = await transaction.open(customer?.id ?? (await transaction.createCustomer(slug, company)), name, loaded)
    const { runbook } = loaded
    const recorder = { ...request.actor }
    const pinned = { name: runbook.name, version: runbook.version, digest: runbook.digest }
    await transaction.append(id, {
      kind: 'opened', key: null, run: null, facts: { runbook: pinned },
      detail: { onboarding: keyOf(slug, name), company, recorder },
    })
    const head = await storeInputs(transaction, request, checked, id, ['handoff', 'discovery'])
    return {
      ...(await about(request, checked, slug, runbook)),
      runbook: pinned, outcome: 'opened', accepted_by: request.accepted_by ?? null, head,
    }
  })
}

/** An onboarding that is there already: the same again, a discovery for one that had none, or a conflict. */
async function again(
  transaction: IntakeTransaction, request: Acceptance, checked: CheckedHandoff, known: StoredOnboarding, slug: string,
): Promise<Accepted> {
  const key = keyOf(slug, request.name)
  const wanted = known.runbook.name === request.runbook.name
    ? known.runbook.name
    : (await request.runbook.load()).runbook.name
  if (known.runbook.name !== wanted) {
    throw new OnboardError(
      'conflict', 'other-runbook',
      `${key} runs the runbook ${known.runbook.name} ${known.runbook.version}, not ${wanted}`,
      {
        suggestions: [
          `onboard status ${key}`,
          `onboard handoff accept --file ${quote(request.handoff.file)} --runbook ${wanted} --name NAME`,
        ],
      },
    )
  }
  const differing = [
    ...differenceFrom(known.inputs.handoff, checked.document, request.handoff),
    ...discoveryDifference(request, checked, known),
  ]
  if (differing.length > 0) {
    const fields = differing.length === 1 ? 'one field differs' : `${differing.length} fields differ`
    throw new OnboardError('conflict', 'handoff-differs', `${key} was accepted with another content: ${fields}`, {
      diagnostics: differing,
      suggestions: [reviseCommand(key, request), `onboard handoff show ${key}`],
    })
  }
  const pinned = await transaction.runbook(known.runbook.digest)
  const result = { ...(await about(request, checked, slug, pinned)), runbook: known.runbook }
  if (checked.discovery === null || known.inputs.discovery !== undefined) {
    return { ...result, outcome: 'unchanged', accepted_by: null, head: null }
  }
  return {
    ...result, outcome: 'updated', accepted_by: request.accepted_by ?? null,
    head: await storeInputs(transaction, request, checked, known.id, ['discovery']),
  }
}

/** What makes a new version of what was accepted. */
function reviseCommand(key: string, { handoff, discovery }: Acceptance): string {
  const beside = discovery === undefined ? '' : ` --discovery ${quote(discovery.file)}`
  const file = handoff.file === 'stdin' ? '-' : quote(handoff.file)
  return `onboard handoff revise ${key} --file ${file}${beside} --reason TEXT`
}

function discoveryDifference(request: Acceptance, checked: CheckedHandoff, known: StoredOnboarding): Diagnostic[] {
  const stored = known.inputs.discovery
  if (checked.discovery === null || stored === undefined) return []
  const inside = request.discovery === undefined
  return differenceFrom(stored, checked.discovery, request.discovery ?? request.handoff, inside ? ['discovery'] : [])
}

async function storeInputs(
  transaction: IntakeTransaction, request: Acceptance, checked: CheckedHandoff, id: string, kinds: readonly InputKind[],
): Promise<Head | null> {
  const documents: Record<InputKind, JsonObject | null> = { handoff: checked.document, discovery: checked.discovery }
  const given: JsonObject[] = []
  for (const kind of kinds) {
    const document = documents[kind]
    if (document === null) continue
    const { bytes: source } = (kind === 'discovery' ? request.discovery : undefined) ?? request.handoff
    const input = { version: 1, document, digest: digest(document), source }
    await transaction.store(id, kind, input)
    given.push({ kind, version: 1, digest: input.digest, source: createHash('sha256').update(source).digest('hex') })
  }
  return transaction.append(id, {
    kind: 'accepted', key: null, run: null,
    facts: { inputs: given, completeness: checked.completeness, role: request.accepted_by?.role ?? null },
    detail: {
      recorder: { ...request.actor }, ...(request.accepted_by ? { by: { ...request.accepted_by.person } } : {}),
    },
  })
}

async function about({ config, today, name }: Acceptance, checked: CheckedHandoff, slug: string, runbook: Runbook) {
  const document = checked.document ?? {}
  const { name: company } = document['company'] as { name: string }
  return {
    onboarding: keyOf(slug, name),
    company,
    completeness: checked.completeness,
    missing: checked.missing,
    warnings: checked.diagnostics.filter(({ severity }) => severity === 'warning'),
    feasibility: await feasibleFor(runbook, { document, discovery: checked.discovery }, config, today),
  }
}

function keyOf(slug: string, name: string): string {
  return name === '' ? slug : `${slug}/${name}`
}

function slugTaken(slug: string, owner: string, company: string): OnboardError {
  return new OnboardError(
    'invalid', 'slug-taken',
    `the slug ${slug} is that of ${shown(owner)}: `
      + `give company.slug another value for ${shown(company)}, such as ${slug.slice(0, 61)}-2`,
    { suggestions: ['onboard status'] },
  )
}

/** Every finding of a handoff that cannot be used, as one error. */
export function invalidHandoff(file: string, { diagnostics }: Pick<CheckedHandoff, 'diagnostics'>): OnboardError {
  const errors = errorsOf(diagnostics)
  const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`
  return new OnboardError('invalid', 'handoff-invalid', `${file} has ${count}`, {
    diagnostics,
    ...(errors[0] === undefined ? {} : { at: errors[0] }),
    suggestions: ['onboard handoff template'],
  })
}

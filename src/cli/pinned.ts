/** The actions of one onboarding: the very ones that it has pinned, and else those shipped. */
import { createCatalogue, type ActionCatalogue } from '../actions/catalogue.ts'
import { OnboardError } from '../errors.ts'
import { codeOf, contentDigest } from './trust.ts'

type Files = ReadonlyMap<string, Uint8Array>

/** What pinned code is run under. */
export interface PinnedTrust {
  /** `acme` */
  readonly customer: string
  /** Why code with this digest may not run, as the end of a sentence; null where it may. */
  distrust(digest: string): Promise<string | null>
  /** The actions at hand here: for what an earlier version of the runbook did with an action that this one has not. */
  others(): Promise<ActionCatalogue>
  closeLater(closing: { close(): Promise<void> }): void
}

/** Throws forbidden where the pinned actions may not run: before anything else has happened. */
export async function mustRun(files: Files, { customer, distrust }: PinnedTrust): Promise<void> {
  const code = codeOf(files)
  const why = code.size === 0 ? null : await distrust(contentDigest(code))
  if (why !== null) throw refused(`The actions pinned with ${customer} were not loaded`, customer, why)
}

/**
 * The catalogue of an onboarding. What it has pinned is read when the first action is asked for: the status of what is
 * finished asks for none. An action that may not run is refused when it is asked for.
 */
export function pinnedCatalogue(pinned: () => Promise<Files>, trust: PinnedTrust): ActionCatalogue {
  let opening: Promise<ActionCatalogue> | undefined
  const opened = (): Promise<ActionCatalogue> => (opening ??= open(pinned, trust))
  return {
    names: () => createCatalogue().names(),
    load: async (name) => (await opened()).load(name),
    schemas: async (names) => (await opened()).schemas(names),
  }
}

async function open(pinned: () => Promise<Files>, trust: PinnedTrust): Promise<ActionCatalogue> {
  const own = await openOwn(pinned, trust)
  return { ...own, load: async (name) => (await own.load(name)) ?? (await trust.others()).load(name) }
}

async function openOwn(
  pinned: () => Promise<Files>, { customer, distrust, closeLater }: PinnedTrust,
): Promise<ActionCatalogue> {
  const code = codeOf(await pinned())
  if (code.size === 0) return createCatalogue()
  const why = await distrust(contentDigest(code))
  const { pinnedActions } = await import('./actions.ts')
  const refuse = why === null
    ? null
    : (name: string) => refused(`The action ${name}, pinned with ${customer}, was not loaded`, customer, why)
  const actions = await pinnedActions(code, refuse)
  closeLater(actions)
  return actions.catalogue
}

function refused(what: string, customer: string, why: string): OnboardError {
  return new OnboardError(
    'forbidden', 'untrusted', `${what}: ${why}. Look at them, then trust them.`,
    { suggestions: [`onboard trust --pinned ${customer}`] },
  )
}

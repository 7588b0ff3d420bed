/** What is done to the tenants of the lock-out test, in this process or in one that is killed: it travels as JSON. */
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { rotateKey } from '../../src/cli/sso/rotate-key.ts'
import { openWork } from '../../src/cli/work.ts'
import { Secret } from '../../src/contract.ts'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { undo } from '../../src/engine/undo.ts'
import type { JsonObject, Runbook } from '../../src/model.ts'
import { createProduct } from '../../src/product/open.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { sketch } from '../engine/world.ts'
import { TEST_SEAL } from '../support/world.ts'

export type Protocol = 'saml' | 'oidc'
/** In the order in which they are done; `key` is of SAML alone. */
export const STEPS = ['key', 'connection', 'mapping', 'enable', 'passwords'] as const
export type StepName = (typeof STEPS)[number]

const MAPPING = {
  email: ['email'], name: ['name'], role: ['roles'], roles: [{ value: 'crm-admins', role: 'admin' }], role_default: 'viewer',
}

/** A command. */
export type Command = 'apply' | `undo ${StepName}` | 'publish' | 'finish'

export interface Story {
  readonly id: string
  readonly slug: string
  readonly protocol: Protocol
  readonly origin: string
  /** What the customer has handed in of its identity provider. */
  readonly idp: JsonObject
}

export const mail = (who: string): string => `${who}@acme.example`
const catalogue = createCatalogue()

export function runbookOf({ slug, protocol, origin, idp }: Omit<Story, 'id'>): Runbook {
  const on = { tenant: slug, connection: 'main' }
  const agreed = { clock_skew_s: 60, jit: true }
  return sketch({
    sso: [
      ...(protocol === 'saml' ? [
        { id: 'key', uses: 'saml.metadata', with: { ...on, origin } },
        { id: 'connection', uses: 'saml.connection', with: { ...on, idp, ...agreed, idp_initiated: false, sign_requests: true, name_id_format: null } },
      ] : [{ id: 'connection', uses: 'oidc.connection', with: { ...on, idp, ...agreed, email_verified: 'required' } }]),
      { id: 'mapping', uses: 'sso.mapping', with: { ...on, mapping: MAPPING, sample: null } },
      { id: 'enable', uses: 'sso.enable', with: on },
      { id: 'passwords', uses: 'password.disable', with: { ...on, emergency: mail('tom') } },
    ],
  })
}

/** A command with connections of its own. `reached` hears each point at which a process may die. */
export async function carryOut(database: Database, story: Story, command: Command, reached: (point: string) => void = () => undefined): Promise<void> {
  const { id, slug, protocol } = story
  const runbook = runbookOf(story)
  const secret = new Secret('client-secret')
  const work = openWork(database, {
    onboarding: { id, key: slug, slug, name: '', company: slug, runbook, opened_at: '2026-12-01T09:00:00Z' }, runbook,
    inputs: { handoff: {}, discovery: null, config: {}, onboarding: { slug } },
    evaluator: createEvaluator(runbook, await catalogue.schemas()), catalogue,
    actor: { name: slug, email: null, how: 'os', verified: false }, reached,
    surroundings: {
      product: createProduct({ form: 'reference' }), exec: () => Promise.reject(new Error('no programs here')),
      vault: {
        given: async (name, place) => (name === 'client_secret' ? { text: TEST_SEAL.seal(secret, place), mark: TEST_SEAL.mark(secret, place) } : null),
        seal: async (value, place) => TEST_SEAL.seal(value, place),
      },
    },
    secrets: { ready: async () => undefined, deliver: async () => undefined },
  })
  const [word, step = null] = command.split(' ')
  const first = protocol === 'oidc' && step === 'key' ? 'connection' : step
  try {
    if (word === 'apply') await apply(work)
    else if (word === 'undo') await undo(work, { phase: 'sso', step: first })
    else await rotateKey(work, word as 'publish' | 'finish')
  } finally {
    await work.close().catch(() => undefined)
  }
}

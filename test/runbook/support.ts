import { readFileSync } from 'node:fs'
import command from '../../src/actions/command/run.ts'
import latency from '../../src/actions/latency/check.ts'
import metrics from '../../src/actions/metrics/check.ts'
import decision from '../../src/actions/decision.ts'
import type { ActionSchema, ActionSchemas, Json, Scope, UNKNOWN } from '../../src/model.ts'
import { loadRunbook, type Loaded, type RunbookFiles } from '../../src/runbook/load.ts'

const root = new URL('../../', import.meta.url)
export const shipped = (path: string): Uint8Array => readFileSync(new URL(path, root))

const text = { type: 'string' } as const

const action = (input: object, output: object, owns?: (input: never) => readonly string[]): ActionSchema => ({
  kind: 'effect',
  title: 'For tests',
  example: {},
  input: { type: 'object', additionalProperties: false, ...input },
  output: { type: 'object', additionalProperties: false, ...output },
  ...(owns && { owns }),
})

/** Actions that stand for all: one that makes, one that sets, one that is asked, one that nothing undoes, one that decides. */
export const ACTIONS: ActionSchemas = new Map([
  ['thing.make', action(
    { required: ['name'], properties: { name: text, size: { enum: ['small', 'large'] }, count: { type: 'integer', minimum: 1, default: 1 }, note: text, tags: { type: 'array', items: text } } },
    { required: ['id', 'count'], properties: { id: text, count: { type: 'integer' }, note: text } },
  )],
  ['thing.set', action(
    { required: ['thing'], properties: { thing: text, limits: { type: 'object', additionalProperties: false, properties: { users: { type: 'integer' }, share: { type: 'number' } } }, on: { type: 'boolean' } } },
    { required: ['thing'], properties: { thing: text } },
    (input: { thing?: string; limits?: object; on?: unknown }) =>
      [...Object.keys(input.limits ?? {}).map((key) => `thing/${input.thing}/limits/${key}`), ...(input.on === undefined ? [] : [`thing/${input.thing}/on`])],
  )],
  ['ask', { ...action({ required: ['text'], properties: { text, from: { type: 'array', items: text } } }, { required: ['by'], properties: { by: text } }), kind: 'ask' }],
  ['onboarding.undo', action({ properties: { to: text, only: { type: 'array', items: text } } }, { properties: { undone: { type: 'array', items: text } } })],
  ['mail.send', { ...action({ required: ['to'], properties: { to: text, token: text, password: text } }, {}), reversible: false }],
  ['decision', decision],
  ['command.run', command],
  ['metrics.check', metrics],
  ['latency.check', latency],
  ['own.thing', { ...action({}, {}), input: {}, output: {}, unseen: true }],
  ['document.render', action({ required: ['template', 'data'], properties: { template: text, name: text, data: { type: 'object' } } }, {})],
])

const HANDOFF = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'plan', 'users', 'scim', 'contacts', 'share', 'dates'],
  properties: {
    name: text,
    plan: { enum: ['professional', 'enterprise', 'custom'] },
    users: { type: 'integer' },
    share: { type: 'number' },
    scim: { type: 'boolean' },
    region: text,
    proxy: { type: ['string', 'null'], default: null },
    contacts: { type: 'array', items: { type: 'object', required: ['email'], additionalProperties: false, properties: { email: text, phone: text } } },
    limits: { type: 'object', additionalProperties: false, required: ['storage'], properties: { storage: { type: 'integer' }, calls: { type: 'integer' } } },
    dates: { type: 'object', additionalProperties: false, required: ['go_live'], properties: { go_live: { type: 'string', format: 'date' } } },
  },
}
const DISCOVERY = {
  type: 'object',
  additionalProperties: false,
  required: ['users'],
  properties: { users: { type: 'integer' }, mfa: { type: 'boolean' } },
}

export const RUNBOOK = `apiVersion: onboard/v1
runbook: small
title: A small one
version: 1.0.0
inputs: { handoff: ../../schemas/handoff.json, discovery: ../../schemas/discovery.json }
roles: [engineering, legal]
phases: [before, here]
`
export const BEFORE = `apiVersion: onboard/v1
phase: before
title: Before
owner: [legal]
steps:
  - { id: signed, title: Signed, uses: ask, with: { text: Signed? } }
  - { id: maybe, title: Maybe, uses: thing.make, when: handoff.scim, with: { name: x } }
`

/** A runbook of two phases, `before` and `here`, of which a test gives the file that it is about. */
export function files(given: { runbook?: string; before?: string; here?: string; more?: Record<string, string> }): RunbookFiles {
  const bytes = (value: string) => new TextEncoder().encode(value)
  const all: Record<string, string> = {
    'runbooks/small/runbook.yaml': given.runbook ?? RUNBOOK,
    'runbooks/small/phases/before.yaml': given.before ?? BEFORE,
    'runbooks/small/phases/here.yaml': given.here ?? phase('  - { id: one, title: One, uses: ask, with: { text: Well? } }\n'),
    'schemas/handoff.json': JSON.stringify(HANDOFF),
    'schemas/discovery.json': JSON.stringify(DISCOVERY),
    ...given.more,
  }
  return {
    root: 'runbooks/small',
    files: new Map(Object.entries(all).map(([path, value]) => [path, bytes(value)])),
    format: { runbook: shipped('schemas/runbook.schema.json'), phase: shipped('schemas/phase.schema.json') },
    show: (path) => path.replace('runbooks/small/', ''),
    templateNames: ['mail', 'broken', 'letter'],
    templates: new Map([
      ['mail', { required: ['contact', 'login'], optional: ['notes'] }],
      ['broken', { file: 'templates/broken.md', line: 7, message: 'output "{{ a" not closed' }],
    ]),
  }
}

/** A file of phase `here` with these steps, each line indented as it stands in the file. */
export function phase(steps: string): string {
  return `apiVersion: onboard/v1\nphase: here\ntitle: Here\nowner: [engineering]\nsteps:\n${steps}`
}

export function load(given: Parameters<typeof files>[0]): Loaded {
  return loadRunbook(files(given), ACTIONS)
}

/** As `runbook lint` prints them. */
export function said({ diagnostics }: Loaded): string {
  return diagnostics.map(({ file, line, col, message, rule }) => `${file}:${line}:${col}: ${message} [${rule}]\n`).join('')
}

export function scope(outputs: Record<string, Record<string, Json | typeof UNKNOWN>> = {}, more: Partial<Scope> = {}): Scope {
  return {
    handoff: { name: 'Acme', plan: 'enterprise', users: 1000, share: 2, scim: true, proxy: null, contacts: [{ email: 'ada@acme.example' }], dates: { go_live: '2027-02-15' } },
    discovery: null,
    config: { holidays: ['2027-01-01'] },
    onboarding: { slug: 'acme', tenant_slug: 'acme', key: 'acme', name: '', company: 'Acme', title: 'Acme', today: '2026-12-01' },
    outputs: new Map(Object.entries(outputs).map(([name, steps]) => [name, new Map(Object.entries(steps))])),
    phase: 'here',
    ...more,
  }
}

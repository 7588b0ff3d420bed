/** docs/coverage.md says where each row of the source document lives: it names every row, and nothing that is not there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { listRunbooks, readRunbook } from '../../src/cli/runbook-files.ts'
import { packageRoot } from '../../src/package.ts'
import { loadRunbook } from '../../src/runbook/load.ts'

const ROWS = 192
const text = readFileSync(join(packageRoot, 'docs', 'coverage.md'), 'utf8')
const schemas = await createCatalogue().schemas()
const folder = (await listRunbooks(null)).find(({ name }) => name === 'enterprise')
const { runbook } = loadRunbook(await readRunbook({ dir: folder?.dir ?? '', cwd: process.cwd() }), schemas)
const phases = [...(runbook?.phases ?? []), ...(runbook?.procedures ?? [])]
const steps = phases.flatMap((phase) => phase.steps.map((step) => ({ name: `${phase.id}.${step.id}`, uses: step.uses })))
const config = JSON.parse(readFileSync(join(packageRoot, 'schemas', 'config.schema.json'), 'utf8')) as { properties: Record<string, unknown> }
const coded = [...text.matchAll(/`([^`\s]+)`/g)].map(([, one = '']) => one)

test('every row is there once, in order, with a place', () => {
  const rows = [...text.matchAll(/^\| (\d+) \| ([^|]+) \| ([^|]+) \|$/gm)]
  expect(rows.map(([, row]) => Number(row))).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1))
  for (const [, row, what = '', where = ''] of rows) {
    expect(what.trim(), `row ${row}`).not.toBe('')
    expect(where, `row ${row}`).toMatch(/`|open: |decision: /)
  }
})

test('every step that it names is there', () => {
  const ids = new Set(phases.map(({ id }) => id))
  const named = coded.filter((one) => /^[a-z_]+\.[a-z0-9_]+$/.test(one) && ids.has(one.split('.')[0] ?? ''))
  expect(named.length).toBeGreaterThan(100)
  const known = new Set(steps.map(({ name }) => name))
  // hypercare.tickets_per_seat_per_day is a key of the config.
  const keys = new Set(['hypercare.tickets_per_seat_per_day'])
  expect(named.filter((one) => !known.has(one) && !keys.has(one))).toEqual([])
})

test('every step of the runbook is named', () => {
  const named = new Set(coded)
  expect(steps.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([])
})

test('every step that waits for a person stands in the list of reasons, and no other', () => {
  const list = text.slice(text.indexOf('## Why a person'), text.indexOf('## What is open'))
  const listed = [...list.matchAll(/`([a-z_]+\.[a-z0-9_]+)`/g)].map(([, one = '']) => one)
  const asked = steps.filter(({ uses }) => schemas.get(uses)?.kind === 'ask').map(({ name }) => name)
  expect(listed.toSorted()).toEqual(asked.toSorted())
})

test('every key of the config that it names is there', () => {
  const keys = coded.filter((one) => /^(capabilities|regions|plans|sla|roles|escalation|documents|probes|metrics|adoption|vendor)(\.|$)/.test(one))
  expect(keys.filter((one) => !Object.hasOwn(config.properties, one.split('.')[0] ?? ''))).toEqual([])
})

test('every command that it names is there', () => {
  const named = [...text.matchAll(/`onboard ([^`]+)`/g)].map(([, line = '']) => line.split(' ').filter((word) => /^[a-z][a-z-]*$/.test(word)))
  expect(named.length).toBeGreaterThan(20)
  const isThere = ([topic = '', command = '']: readonly string[]) => [`${topic}/${command}.ts`, `${topic}.ts`].some((file) => existsSync(join(packageRoot, 'commands', file)))
  expect(named.filter((words) => !isThere(words))).toEqual([])
})

test('what a machine does or looks at is no sign-off', () => {
  const numbers = [...range(41, 49), 51, ...range(114, 117), 120, 121, ...range(126, 135), 141, 146, 147, 156, 158, 160]
  const asks = new Set(steps.filter(({ uses }) => schemas.get(uses)?.kind === 'ask').map(({ name }) => name))
  for (const row of numbers) {
    const where = new RegExp(`^\\| ${row} \\| [^|]+ \\| ([^|]+) \\|$`, 'm').exec(text)?.[1] ?? ''
    const said = [...where.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one)
    const machine = said.some((one) => one.startsWith('onboard ') || (steps.some(({ name }) => name === one) && !asks.has(one)))
    expect(machine, `row ${row}: ${where}`).toBe(true)
  }
})

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ADVICE } from '../../src/runbook/advice/index.ts'
import { lintRunbook, type LintSettings, unknownLevel } from '../../src/runbook/lint.ts'
import { DOCUMENTED } from '../../src/runbook/rules/documented.ts'
import { ACTIONS, files, phase, RUNBOOK, said } from './support.ts'

/**
 * Golden pairs, at least three for each rule: rules/RULE.N.yaml is a file of phase `here`, a runbook.yaml, both
 * with a line of #### between them, or a template, with what is faulty about it; the .out beside it is everything that lint says. UPDATE=1 writes the .out files anew.
 */
const folder = new URL('rules/', import.meta.url)
mkdirSync(folder, { recursive: true })
const names = readdirSync(folder).filter((name) => /\.(yaml|liquid)$/.test(name)).sort()

const SETTINGS: LintSettings = {
  config: {
    holidays: ['2027-01-01'],
    capabilities: { sso: false, scim: true },
    metrics: { errors: { kind: 'share' }, tickets: { kind: 'events' } },
    roles: { engineering: [{ name: 'Ada', email: 'ada@vendor.example' }], legal: [] },
  },
  levels: {},
  dates: { from: '2026-12-01', go_live: '2027-01-15' },
}

function linted(name: string, text: string, settings = SETTINGS) {
  const runbook = RUNBOOK.replace('roles: [engineering, legal]', 'roles: [engineering]')
  const parts = text.split(/^#### .*\n/m)
  const given = name.endsWith('.liquid')
    ? { more: { 'runbooks/small/templates/mail.liquid': text } }
    : parts[1] !== undefined ? { runbook: parts[0] ?? '', here: parts[1] } : /^runbook:/m.test(text) ? { runbook: text } : { here: text }
  return lintRunbook(files({ runbook, before: OWNED, ...given }), ACTIONS, settings)
}

/** Phase `before` with an owner whom the config names. */
const OWNED = `apiVersion: onboard/v1
phase: before
title: Before
owner: [engineering]
duration: { min: 2w, max: 3w }
steps:
  - { id: signed, title: Signed, uses: ask, with: { text: Signed? } }
  - { id: maybe, title: Maybe, uses: thing.make, when: handoff.scim, with: { name: x } }
`

for (const name of names) {
  test(name, () => {
    const out = new URL(name.replace(/(yaml|liquid)$/, 'out'), folder)
    const found = said(linted(name, readFileSync(new URL(name, folder), 'utf8')))
    if (process.env['UPDATE'] === '1') writeFileSync(out, found)
    expect(found).toBe(readFileSync(out, 'utf8'))
    expect(found).toContain(`[${name.split('.')[0]}]`)
  })
}

/** About a file as bytes: test/input has their golden files. */
const OF_BYTES = ['encoding', 'size', 'depth', 'alias']

describe('every rule', () => {
  for (const { name } of [...ADVICE, ...DOCUMENTED]) {
    test(`${name} has three golden pairs`, () => {
      const pairs = names.filter((one) => one.split('.')[0] === name).length
      expect(pairs).toBeGreaterThanOrEqual(OF_BYTES.includes(name) ? 0 : 3)
    })
  }
  test('is documented in a sentence each', () => {
    for (const { finds, instead } of [...ADVICE, ...DOCUMENTED]) {
      expect(finds).toMatch(/\.$/)
      expect(instead).toMatch(/\.$/)
    }
  })
  test('of the golden pairs is one that is documented', () => {
    const known = [...ADVICE, ...DOCUMENTED].map(({ name }) => name)
    for (const name of names) {
      const said = readFileSync(new URL(name.replace(/(yaml|liquid)$/, 'out'), folder), 'utf8')
      for (const [, rule] of said.matchAll(/\[([a-z-]+)\]$/gm)) expect(known).toContain(rule)
    }
  })
})

describe('the config sets levels', () => {
  const here = phase('  - { id: a, title: TODO, uses: ask, with: { text: Well? } }\n')
  const at = (levels: LintSettings['levels']) => {
    const { diagnostics, runbook } = linted('x.yaml', here, { ...SETTINGS, levels })
    return { severities: diagnostics.map(({ severity }) => severity), usable: runbook !== undefined }
  }
  test('a warning leaves the runbook usable', () => expect(at({})).toEqual({ severities: ['warning'], usable: true }))
  test('an error does not', () => expect(at({ placeholder: 'error' })).toEqual({ severities: ['error'], usable: false }))
  test('off says nothing', () => expect(at({ placeholder: 'off' })).toEqual({ severities: [], usable: true }))
  test('a name that is no rule is refused', () => {
    expect(unknownLevel({ placeholdr: 'off' })).toBe("placeholdr: there is no such rule; did you mean 'placeholder'?")
    expect(unknownLevel({ cycle: 'off' })).toContain('its level is fixed')
    expect(unknownLevel({ placeholder: 'off' })).toBeUndefined()
  })
})

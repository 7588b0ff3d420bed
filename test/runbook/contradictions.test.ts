import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { readRunbook } from '../../src/cli/runbook-files.ts'
import type { JsonObject } from '../../src/model.ts'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { lintRunbook } from '../../src/runbook/lint.ts'
import { said } from './support.ts'

test('contradictions of a procedure that grew over years are found where a linter can find them', async () => {
  const folder = new URL('fixtures/contradictions/', import.meta.url)
  const dir = fileURLToPath(new URL('runbooks/contradictions', folder))
  const config = { ...DEFAULTS, roles: { engineering: [{ name: 'Ada', email: 'ada@vendor.example' }] } } as unknown as JsonObject
  const loaded = lintRunbook(await readRunbook({ dir, cwd: dir }), await createCatalogue().schemas(), {
    config, levels: {}, dates: { from: '2026-12-01', go_live: '2027-01-04' },
  })
  const out = new URL('contradictions.out', folder)
  if (process.env['UPDATE'] === '1') writeFileSync(out, said(loaded))
  expect(said(loaded)).toBe(readFileSync(out, 'utf8'))
  const rules = new Set(loaded.diagnostics.map(({ rule }) => rule))
  for (const rule of [
    'unlisted-phase', 'length', 'owner-person', 'unknown-role', 'no-owner', 'owned-twice', 'capability-missing', 'placeholder', 'plain-secret',
    'threshold-number', 'threshold-order', 'threshold-window', 'input-missing', 'input-unknown', 'step-reference', 'template-variable', 'milestone-early',
    'milestone-order', 'time-short', 'when-never', 'word-binds-nothing', 'unknown-field',
  ]) expect([...rules]).toContain(rule)
})

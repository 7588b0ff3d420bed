import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { checkHandoff } from '../../src/onboarding/handoff.ts'

const folder = new URL('bad/', import.meta.url)

// Each file is wrong in its own way; beside it stands what is said about it, place for place.
for (const file of readdirSync(folder).filter((name) => !name.endsWith('.out'))) {
  test(file, async () => {
    const { document, diagnostics } = checkHandoff({ bytes: readFileSync(new URL(file, folder)), file }, { today: '2026-11-20', config: DEFAULTS })
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    const lines = diagnostics.map((one) => `${one.file}:${one.line}:${one.col}: ${one.severity === 'warning' ? 'warning: ' : ''}${one.message} [${one.rule}]\n`)
    expect(errors.length).toBeGreaterThan(0)
    if (document === null) expect(lines.join('')).not.toMatch(/undefined|\[object|null\b.*null\b/)
    await expect(lines.join('')).toMatchFileSnapshot(new URL(`bad/${file}.out`, import.meta.url).pathname)
  })
}

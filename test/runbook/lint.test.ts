import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { BEFORE, load, phase, RUNBOOK, said } from './support.ts'

/** Golden pairs: NAME.yaml is the faulty file, NAME.out what is said of it. UPDATE=1 writes the .out files anew. */
for (const kind of ['phase', 'runbook'] as const) {
  describe(`a faulty ${kind} file`, () => {
    const folder = new URL(`bad/${kind}/`, import.meta.url)
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.yaml')).sort()) {
      test(name, () => {
        const yaml = readFileSync(new URL(name, folder), 'utf8')
        const loaded = load(kind === 'phase' ? { here: yaml } : { runbook: yaml })
        const out = new URL(name.replace(/yaml$/, 'out'), folder)
        if (process.env['UPDATE'] === '1') writeFileSync(out, said(loaded))
        expect(said(loaded)).toBe(readFileSync(out, 'utf8'))
        expect(loaded.runbook).toBeUndefined()
      })
    }
  })
}

describe('a runbook without faults', () => {
  test('is compiled with its defaults filled in', () => {
    const { runbook, diagnostics } = load({
      here: phase(`  - { id: a, title: A, uses: thing.make, with: { name: x }, retry: { times: 2 }, timeout: 1m }
  - { id: b, title: B, uses: ask, with: { text: B? }, owner: [legal], needs: [] }
  - { id: c, title: C, uses: ask, with: { text: C? } }
`),
    })
    expect(diagnostics).toEqual([])
    expect(runbook?.phases.map(({ id, needs }) => ({ id, needs }))).toEqual([{ id: 'before', needs: [] }, { id: 'here', needs: ['before'] }])
    expect(runbook?.phases[1]?.steps.map(({ id, needs, owner }) => ({ id, needs, owner }))).toEqual([
      { id: 'a', needs: [], owner: ['engineering'] },
      { id: 'b', needs: [], owner: ['legal'] },
      { id: 'c', needs: ['b'], owner: ['engineering'] },
    ])
    expect(runbook?.phases[1]?.steps[0]).toMatchObject({ retry: { times: 2, backoff_ms: 1000 }, timeout_ms: 60_000, at: { line: 6, col: 5 } })
  })

  test('is put into an order in which it can be run', () => {
    const { runbook } = load({
      here: phase(`  - { id: last, title: L, uses: ask, with: { text: L? }, needs: [first] }
  - { id: first, title: F, uses: ask, with: { text: F? }, needs: [] }
`),
    })
    expect(runbook?.phases[1]?.steps.map(({ id }) => id)).toEqual(['first', 'last'])
  })

  test('has a digest that changes with every file of its own, and with none besides', () => {
    const digest = (given: Parameters<typeof load>[0]) => load(given).runbook?.digest
    const plain = digest({})
    expect(plain).toMatch(/^[0-9a-f]{64}$/)
    expect(digest({ before: `${BEFORE}# seen\n` })).not.toBe(plain)
    expect(digest({ more: { 'runbooks/small/templates/mail.liquid': 'hello' } })).not.toBe(plain)
    expect(digest({ more: { 'runbooks/small/examples/acme.handoff.yaml': 'x: 1' } })).toBe(plain)
    expect(digest({ more: { 'schemas/other.json': '{}' } })).toBe(plain)
  })

  test('may need steps of earlier phases and handle those that were skipped', () => {
    const { diagnostics } = load({
      here: phase(`  - id: same_condition
    title: Same condition
    uses: thing.make
    when: handoff.scim
    with: { name: "\${{ phases.before.steps.maybe.outputs.id }}" }
  - { id: asked, title: A, uses: ask, with: { text: "\${{ phases.before.steps.signed.outputs.by }}" } }
  - id: handled
    title: Handled
    uses: thing.make
    with:
      name: \${{ phases.before.steps.maybe.outputs.?id.orValue('none') }}
      count: "\${{ phases.before.steps.maybe.outputs != null ? phases.before.steps.maybe.outputs.count : 1 }}"
      note: \${{ phases.before.steps.maybe.outputs.?note }}
`),
    })
    expect(diagnostics).toEqual([])
  })
})

test('a file that leads out of the workspace is not read', () => {
  expect(said(load({ runbook: RUNBOOK.replace('../../schemas/handoff.json', '../../../../etc/passwd') }))).toContain('[missing-file]')
})

test('of a phase that cannot be read its own fault is said, and nothing of those who read it', () => {
  const here = phase('  - { id: a, title: A, uses: ask, with: { text: "${{ phases.before.steps.signed.outputs.by }}" } }\n')
  expect(said(load({ before: `${BEFORE}  - { id: "one\n`, here }))).toMatch(/^phases\/before\.yaml:8:11: a quoted text does not end.*\n(phases\/before.*\n)*$/)
})

test('a CRLF file has the same places', () => {
  const here = phase('  - id: a\n    title: A\n    uses: thing.make\n    with:\n      name: >-\n        one\n        ${{ handof.name }}\n')
  const [unix] = load({ here }).diagnostics
  const [dos] = load({ here: here.replaceAll('\n', '\r\n') }).diagnostics
  expect(unix).toMatchObject({ line: 12, col: 13, rule: 'unknown-name' })
  expect(dos).toEqual(unix)
})

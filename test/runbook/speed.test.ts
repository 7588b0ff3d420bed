import { expect, test } from 'vitest'
import { lintRunbook, NO_SETTINGS } from '../../src/runbook/lint.ts'
import { ACTIONS, files, phase } from './support.ts'

/** A phase in which each step follows the one before it, and reads one near and one far away. */
function generated(count: number): string {
  const one = (i: number): string => {
    const reads = i === 0 ? 'x' : `\${{ steps.s${i - 1}.outputs.id }}-\${{ steps.s${Math.floor(i / 2)}.outputs.count }}`
    return `  - id: s${i}\n    title: Step ${i}\n    uses: thing.make\n    when: handoff.users > ${i} || handoff.users <= ${i}\n    with: { name: "${i % 2 === 0 ? 'x' : reads.replace(/steps\.s(\d+)\.outputs\.(\w+)/g, 'steps.s$1.outputs.?$2.orValue(0)').replace('outputs.?id.orValue(0)', "outputs.?id.orValue('')")}" }\n`
  }
  return phase(Array.from({ length: count }, (_, i) => one(i)).join(''))
}

function milliseconds(count: number): number {
  const source = files({ here: generated(count) })
  const begun = performance.now()
  const { diagnostics } = lintRunbook(source, ACTIONS, NO_SETTINGS)
  const took = performance.now() - begun
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return took
}

test('5,000 steps are checked in time that grows as their number does', () => {
  milliseconds(200)
  const [some, many] = [milliseconds(1250), milliseconds(5000)]
  // Four times as many: twice as long for each of them would be more than linear, whatever the machine.
  expect(many).toBeLessThan(some * 8 + 200)
  expect(many).toBeLessThan(10_000)
}, 60_000)

import fs from 'node:fs'
import path from 'node:path'
import { install } from './install.ts'
import { inTurns, median, type Contender } from './measure.ts'
import type { Place } from './place.ts'
import { must, run } from './program.ts'
import { limitLine, ms, ratioLine } from './report.ts'
import type { Section } from './report.ts'

/** Whole processes that check runbooks, beside an empty command of the same framework. */
export async function benchLint(place: Place, rounds: number): Promise<Section> {
  const { bin, empty } = await install(place)
  const cwd = path.join(place.folder, 'lint')
  for (const steps of [1250, 5000]) generate(cwd, steps)
  const lint = (name: string): Contender => ({
    name,
    run: async () => void (await must([0], run(place, process.execPath, [bin, 'runbook', 'lint', name], { cwd }))),
  })
  const times = await inTurns([
    { name: 'empty', run: async () => { await must([0], run(place, process.execPath, [empty, 'empty'])) } },
    lint('enterprise'), lint('steps1250'), lint('steps5000'),
  ], rounds, 1)
  const of = (name: string): number => median(times.get(name) ?? [])
  const own = (name: string): number => of(name) - of('empty')
  return {
    title: `Checking runbooks, whole processes, packed install (medians of ${rounds})`,
    lines: [
      {
        ...limitLine('runbook lint enterprise, beyond an empty oclif command', own('enterprise'), 300, 'ms'),
        ratio: of('enterprise') / of('empty'), against: `empty oclif command: ${ms(of('empty'))}`,
      },
      limitLine('runbook lint of 5,000 steps', of('steps5000'), 3000, 'ms'),
      ratioLine(
        '5,000 steps, beyond an empty command', own('steps5000'), 'four times 1,250 steps', own('steps1250') * 4, 1.3,
      ),
    ],
  }
}

/** A runbook of as many steps, each with a condition and expressions of its own, in phases of 250. */
function generate(workspace: string, count: number): void {
  const folder = path.join(workspace, 'runbooks', `steps${count}`)
  fs.mkdirSync(path.join(folder, 'phases'), { recursive: true })
  fs.writeFileSync(path.join(workspace, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: Bench }\n')
  const phases = Array.from({ length: count / 250 }, (_, n) => `p${n}`)
  const head = `apiVersion: onboard/v1\nrunbook: steps${count}\ntitle: Many\nversion: 1.0.0\nroles: [engineering]\n`
  const inputs = 'inputs: { handoff: ../../schemas/handoff.schema.json }\n'
  fs.writeFileSync(path.join(folder, 'runbook.yaml'), `${head}${inputs}phases: [${phases.join(', ')}]\n`)
  for (const [n, phase] of phases.entries()) {
    const steps = Array.from({ length: 250 }, (_, i) => step(n * 250 + i)).join('')
    const about = `apiVersion: onboard/v1\nphase: ${phase}\ntitle: Phase ${n}\nowner: [engineering]\n`
    fs.writeFileSync(path.join(folder, 'phases', `${phase}.yaml`), `${about}steps:\n${steps}`)
  }
}

function step(i: number): string {
  const file = `"\${{ onboarding.slug }}-${i}.txt"`
  const when = `handoff.commercial.users > ${i} || handoff.technical.scim.required`
  const input = `{ run: [touch, ${file}], check: [test, -f, ${file}] }`
  return `  - { id: s${i}, title: Step ${i}, uses: command.run, when: ${when}, with: ${input} }\n`
}

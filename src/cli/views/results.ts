import type { Plan, StepKey } from '../../model.ts'
import type { RunResult } from '../../engine/ports.ts'
import { github, type Annotation } from '../encode/github.ts'
import { junit, type TestCase } from '../encode/junit.ts'

/** Formats in which CI servers read results. */
export const FORMATS = ['github', 'junit'] as const
export type Format = (typeof FORMATS)[number]

/** One finding of a run, a plan or a drift, as CI servers know them. */
interface Verdict {
  readonly key: StepKey
  readonly title: string
  readonly state: TestCase['state']
  readonly level: Annotation['level'] | null
  readonly message: string | null
}

export function runAs(format: Format, run: RunResult): string {
  return written(format, run.onboarding, run.steps.map((step) => {
    const failed = step.outcome === 'failed'
    const open = step.outcome === 'waiting' || step.outcome === 'blocked'
    const message = step.reason === null ? step.outcome : `${step.outcome}: ${step.reason}`
    return {
      key: step.key, title: step.title, message,
      state: failed ? 'failed' : open || step.outcome === 'skipped' ? 'skipped' : 'passed',
      level: failed ? 'error' : open ? 'notice' : null,
    }
  }))
}

/** `moved`: what a change means here: something to do (plan), or something that moved (drift, a failure). */
export function planAs(format: Format, plan: Plan, moved: 'pending' | 'drift'): string {
  return written(format, plan.onboarding, plan.steps.map((step) => {
    const acts = ['create', 'update', 'delete', 'run', 'later'].includes(step.action)
    const fields = step.changes.map(({ field, before, after, unknown }) => `${field}: ${JSON.stringify(before)} → ${unknown ? '(known after apply)' : JSON.stringify(after)}`)
    const message = [step.reason ?? `to ${step.action}`, ...fields].join('\n')
    return {
      key: step.key, title: step.title, message: acts || step.reason !== null ? message : null,
      state: acts ? (moved === 'drift' ? 'failed' : 'skipped') : step.action === 'none' || step.action === 'waived' ? 'passed' : 'skipped',
      level: acts ? (moved === 'drift' ? 'error' : 'notice') : null,
    }
  }))
}

function written(format: Format, customer: string, verdicts: readonly Verdict[]): string {
  const name = ({ key }: Verdict) => `${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
  if (format === 'junit') {
    return junit(`onboard ${customer}`, verdicts.map((one) => ({ suite: `${customer}.${one.key.phase}`, name: `${name(one)}: ${one.title}`, state: one.state, message: one.message })))
  }
  return verdicts.map((one) => {
    if (one.level === null) return ''
    return github({ level: one.level, title: `${customer} ${one.key.phase}.${name(one)}: ${one.title}`, message: one.message ?? '' })
  }).join('')
}

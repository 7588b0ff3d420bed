import type { Drift } from '../../engine/drift.ts'
import type { FieldChange, Plan, StepKey } from '../../model.ts'
import type { RunResult } from '../../engine/ports.ts'
import { github, type Annotation } from '../encode/github.ts'
import { junit, type TestCase } from '../encode/junit.ts'

/** Formats in which CI servers read results. */
export const FORMATS = ['github', 'junit'] as const
export type Format = (typeof FORMATS)[number]

/** One finding of a run, a plan or a drift, as CI servers know them. */
interface Verdict {
  /** Where one document is about several. */
  readonly customer?: string
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

export function planAs(format: Format, plan: Plan): string {
  return written(format, plan.onboarding, plan.steps.map((step) => {
    const acts = ['create', 'update', 'delete', 'run', 'later'].includes(step.action)
    const message = [step.reason ?? `to ${step.action}`, ...step.changes.map(fieldText)].join('\n')
    return {
      key: step.key, title: step.title, message: acts || step.reason !== null ? message : null,
      state: step.action === 'none' || step.action === 'waived' ? 'passed' : 'skipped',
      level: acts ? 'notice' : null,
    }
  }))
}

/** Of each onboarding the steps that moved, and one verdict where none did. */
export function driftAs(format: Format, onboardings: readonly Drift[]): string {
  const verdicts = onboardings.flatMap(({ onboarding, checked, drifted }): Verdict[] => {
    if (drifted.length === 0) {
      const key = { phase: 'drift', step: 'none', instance: '' }
      const title = `${checked} steps are as they were applied`
      return [{ customer: onboarding, key, title, message: null, state: 'passed', level: null }]
    }
    return drifted.map((step) => ({
      customer: onboarding, key: step.key, title: step.title, state: 'failed', level: 'error',
      message: [step.reason ?? 'moved since it was applied', ...step.changes.map(fieldText)].join('\n'),
    }))
  })
  return written(format, 'drift', verdicts)
}

function fieldText({ field, before, after, unknown }: FieldChange): string {
  return `${field}: ${JSON.stringify(before)} → ${unknown ? '(known after apply)' : JSON.stringify(after)}`
}

function written(format: Format, about: string, verdicts: readonly Verdict[]): string {
  const name = ({ key }: Verdict) => `${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
  const customer = (one: Verdict) => one.customer ?? about
  if (format === 'junit') {
    const cases = verdicts.map((one) => ({
      suite: `${customer(one)}.${one.key.phase}`, name: `${name(one)}: ${one.title}`,
      state: one.state, message: one.message,
    }))
    return junit(`onboard ${about}`, cases)
  }
  return verdicts.map((one) => {
    if (one.level === null) return ''
    return github({
      level: one.level, title: `${customer(one)} ${one.key.phase}.${name(one)}: ${one.title}`,
      message: one.message ?? '',
    })
  }).join('')
}

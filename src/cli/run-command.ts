import type { Command } from '@oclif/core/command'
import type { Secret } from '../contract.ts'
import type { RunResult, Work } from '../engine/ports.ts'
import { EXIT, OnboardError, worstExit } from '../errors.ts'
import type { Plan, PlannedAction } from '../model.ts'
import { OnboardCommand, type Done } from './base.ts'
import { extentOf } from './extent.ts'
import { retyped } from './invocation.ts'
import type { Output } from './output.ts'
import { secretsOf } from './secrets.ts'
import { showPlan } from './views/plan.ts'
import { createProgress } from './views/progress.ts'
import { runAs, type Format } from './views/results.ts'
import { showRun } from './views/run.ts'

const ACTS: readonly PlannedAction[] = ['create', 'update', 'delete', 'run', 'later']

/** What an `apply` is asked for. */
export interface Ask {
  readonly customer: string
  readonly phase?: string | undefined
  readonly step?: string | undefined
  /** A saved plan to keep to. */
  readonly plan?: Plan | undefined
  /** Secrets given with the command, by name. */
  readonly given?: ReadonlyMap<string, Secret>
}

/** Commands that run steps: `apply`, and one for each phase that has its own. */
export abstract class RunCommand<C extends typeof Command> extends OnboardCommand<C, RunResult> {
  static override result = 'run'

  /** On a terminal: shows the plan and asks. Off it, and with `--yes`, goes on at once. */
  protected async advance(ask: Ask): Promise<Done<RunResult>> {
    const { apply } = await import('../engine/apply.ts')
    const progress = createProgress(this.io)
    const secrets = await secretsOf(this.context, ask.customer, retyped(this, 'secrets-out'), this.output, progress)
    const given = ask.given === undefined ? {} : { given: ask.given }
    const work = await this.context.work(ask.customer, { secrets, emit: progress.on, ...given })
    const extent = extentOf(work, ask)
    try {
      if (this.interactive && this.flags['yes'] !== true) await this.agree(work, extent, ask.plan)
      const run = await apply(work, ask.plan ? { plan: ask.plan } : { extent })
      const strict = (this.flags as { 'fail-on'?: 'warn' })['fail-on'] === 'warn' && run.warnings > 0
      return { result: run, exit: strict ? worstExit([run.exit, EXIT.verification]) : run.exit, next: nextOf(run) }
    } finally {
      progress.end()
    }
  }

  override view(result: RunResult, out: Output): void {
    showRun(result, out)
  }

  protected override rendered(result: RunResult): string | undefined {
    const format = (this.flags as { format?: Format }).format
    return format === undefined ? undefined : runAs(format, result)
  }

  private async agree(
    work: Work, extent: { phase: string | null; step: string | null }, saved: Plan | undefined,
  ): Promise<void> {
    const { plan } = await import('../engine/plan.ts')
    const planned = saved ?? (await plan(work, extent))
    // What waits for a person is shown by the result; there is nothing to agree to in it.
    const now = planned.steps.filter(({ action, reason }) => ACTS.includes(action) && !reason?.startsWith('after '))
    if (now.length === 0) return
    showPlan(planned, this.output)
    const { yes } = await import('./question.ts')
    if (await yes(`Apply this to ${work.onboarding.key}?`, this.io)) return
    throw new OnboardError('interrupted', 'declined', 'Not applied; nothing was changed.')
  }
}

/**
 * What unblocks what is open, each command once. What needs other phases than were asked for is unblocked by applying
 * the whole; where all is done, there is the whole to look at.
 */
export function nextOf(run: RunResult): string[] {
  const open = run.steps.filter((step) => step.outcome !== 'unchanged')
  const helping = [...open.flatMap((step) => step.next ?? []), ...open.flatMap((step) => step.otherwise ?? [])]
  const named = [...new Set(helping)].slice(0, 3)
  if (named.length > 0) return named
  const ran = new Set(run.steps.map(({ key }) => key.phase))
  const outside = open.some(
    ({ outcome, reason }) => outcome === 'blocked' && needed(reason).some((phase) => !ran.has(phase)),
  )
  return [outside ? `onboard apply ${run.onboarding}` : `onboard status ${run.onboarding}`]
}

/** Phases of the steps that a reason names: `needs contract.signed`. */
function needed(reason: string | null): string[] {
  return reason?.startsWith('needs ') ? reason.slice(6).split(', ').map((name) => name.split('.')[0] ?? '') : []
}

import * as Flags from '@oclif/core/flags'
import type { RunResult, Work } from '../src/engine/ports.ts'
import type { UndoTarget } from '../src/engine/standing.ts'
import type { UndoPlan } from '../src/engine/undo.ts'
import { EXIT } from '../src/errors.ts'
import type { Phase, Plan } from '../src/model.ts'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { confirmed } from '../src/cli/confirmed.ts'
import { retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { secretsOut } from '../src/cli/flags.ts'
import { nextOf } from '../src/cli/run-command.ts'
import { secretsOf } from '../src/cli/secrets.ts'
import { beforeLive, namedTarget } from '../src/cli/undo-target.ts'
import { showPlan } from '../src/cli/views/plan.ts'
import { createProgress } from '../src/cli/views/progress.ts'
import { showRun } from '../src/cli/views/run.ts'
import { reach, showUndoPlan } from '../src/cli/views/undo.ts'

type Result = RunResult | UndoPlan | Plan

/** Carries out the runbook's rollback, or takes back what was applied to a place that is named. */
export default class Rollback extends OnboardCommand<typeof Rollback, Result> {
  static override result = 'rollback'
  static override summary =
    "Carry out the runbook's rollback; or, with --to, undo what was applied back to a phase or step."
  static override examples = [
    'onboard rollback acme --condition critical --reason "logins fail since 14:00" --dry-run',
    'onboard rollback acme --condition critical --reason "logins fail since 14:00" --confirm acme',
    'onboard rollback acme --to provision.security --confirm acme',
  ]
  static override args = { customer }
  static override flags = {
    condition: Flags.string({
      description: "Why, as one of the rollback's conditions; it decides who must agree.", helpValue: 'CONDITION',
      exclusive: ['to'],
    }),
    reason: Flags.string({ description: 'What happened, in a sentence; the customer reads it.', helpValue: 'TEXT' }),
    issue: Flags.string({ description: 'The issue that it is about.', helpValue: 'ID' }),
    to: Flags.string({
      description: 'Only undo, newest first, to the state before this phase, or before this step (phase.step).',
      helpValue: 'PHASE[.STEP]',
    }),
    'secrets-out': secretsOut,
    'dry-run': Flags.boolean({ description: 'Show what would be done; change nothing.' }),
    confirm: Flags.string({ description: "The customer's name again: this is severe.", helpValue: 'CUSTOMER' }),
  }

  override async perform(): Promise<Done<Result>> {
    const progress = createProgress(this.io)
    const secrets = await secretsOf(
      this.context, this.args.customer, retyped(this, 'secrets-out'), this.output, progress,
    )
    const work = await this.context.work(this.args.customer, { secrets, emit: progress.on })
    const procedure = work.runbook.procedures.find(({ id }) => id === 'rollback')
    try {
      if (this.flags.to === undefined && procedure) return await this.carryOut(work, procedure)
      return await this.takeBack(
        work, this.flags.to === undefined ? beforeLive(work, this.flags) : namedTarget(this.flags.to, work, this.flags),
      )
    } finally {
      progress.end()
    }
  }

  override view(result: Result, out: Output): void {
    if ('run' in result) showRun(result, out)
    else if ('to' in result) showUndoPlan(result, out)
    else showPlan(result, out)
  }

  private async carryOut(work: Work, procedure: Phase): Promise<Done<Result>> {
    const {
      beginningOf, isUnderWay, nothingToTakeBack, planProcedure, underWay,
    } = await import('../src/onboarding/procedures.ts')
    const { key } = work.onboarding
    const { condition, reason, issue } = this.flags
    const open = await underWay(work)
    if (open && condition === undefined && reason === undefined) throw isUnderWay(key, open)
    const anew = reason?.trim() ? ['condition'] : ['condition', 'reason']
    const beginning = beginningOf(procedure, {
      condition, reason, issue, customer: key, retype: retyped(this, ...anew),
    })
    const nothing = open ? null : await nothingToTakeBack(work, procedure)
    if (nothing) return { result: nothing, next: [`onboard status ${key}`] }
    const planned = await planProcedure(work, beginning)
    const retype = retyped(this, 'confirm', 'dry-run')
    if (this.flags['dry-run']) return { result: planned, next: [`${retype} --confirm ${key}`] }
    await this.confirmed({
      key, retype, what: `This begins the rollback of ${key}`, verb: 'begin it', show: (out) => showPlan(planned, out),
    })
    const { apply } = await import('../src/engine/apply.ts')
    const run = await apply(work, { begin: beginning, extent: { phase: procedure.id, step: null } })
    return { result: run, exit: run.exit, next: nextOf(run) }
  }

  private confirmed(
    severe: Pick<Parameters<typeof confirmed>[0], 'key' | 'retype' | 'what' | 'verb' | 'show'>,
  ): Promise<void> {
    return confirmed({
      ...severe, io: this.io, output: this.output, interactive: this.interactive, given: this.flags.confirm,
    })
  }

  private async takeBack(work: Work, to: UndoTarget): Promise<Done<Result>> {
    const { planUndo, undo } = await import('../src/engine/undo.ts')
    const planned = await planUndo(work, to)
    const { key } = work.onboarding
    const far = this.flags.to === undefined ? ` --to ${to.phase}${to.step === null ? '' : `.${to.step}`}` : ''
    const retype = retyped(this, 'confirm', 'dry-run') + far
    const reached = reach(planned.steps)
    if (this.flags['dry-run']) {
      return { result: planned, next: [reached === 0 ? `onboard status ${key}` : `${retype} --confirm ${key}`] }
    }
    const what = `This undoes what was applied (${reached} steps of ${key})`
    if (reached > 0) {
      await this.confirmed({ key, retype, what, verb: 'undo this', show: (out) => showUndoPlan(planned, out) })
    }
    const run = await undo(work, to)
    return {
      result: run, exit: run.exit, next: [run.exit === EXIT.done ? `onboard status ${key}` : `onboard drift ${key}`],
    }
  }
}

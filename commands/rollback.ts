import * as Flags from '@oclif/core/flags'
import type { RunResult, Work } from '../src/engine/ports.ts'
import type { UndoPlan, UndoTarget } from '../src/engine/undo.ts'
import { EXIT, OnboardError } from '../src/errors.ts'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { createProgress } from '../src/cli/views/progress.ts'
import { showRun } from '../src/cli/views/run.ts'
import { showUndoPlan } from '../src/cli/views/undo.ts'

type Result = RunResult | UndoPlan

/** Undoes what was applied, newest first. */
export default class Rollback extends OnboardCommand<typeof Rollback, Result> {
  static override result = 'rollback'
  static override summary = 'Undo what was applied, newest first, back to the state before a phase or a step.'
  static override examples = [
    'onboard rollback acme --to provision --dry-run',
    'onboard rollback acme --to provision.security --confirm acme',
  ]
  static override args = { customer }
  static override flags = {
    to: Flags.string({ description: 'Restore the state before this phase, or before this step (phase.step).', helpValue: 'PHASE[.STEP]', required: true }),
    'dry-run': Flags.boolean({ description: 'Show what would be undone; change nothing.' }),
    confirm: Flags.string({ description: "The customer's name again: this is severe.", helpValue: 'CUSTOMER' }),
  }

  override async perform(): Promise<Done<Result>> {
    const { planUndo, undo } = await import('../src/engine/undo.ts')
    const progress = createProgress(this.io)
    const work = await this.context.work(this.args.customer, { emit: progress.on })
    const to = target(this.flags.to, work)
    const planned = await planUndo(work, to)
    const { key } = work.onboarding
    if (this.flags['dry-run']) return { result: planned, next: [planned.steps.length === 0 ? `onboard status ${key}` : this.retype(key)] }
    if (planned.steps.length > 0) await this.confirmed(key, planned)
    const run = await undo(work, to).finally(progress.end)
    return { result: run, exit: run.exit, next: [run.exit === EXIT.done ? `onboard status ${key}` : `onboard drift ${key}`] }
  }

  override view(result: Result, out: Output): void {
    if ('run' in result) showRun(result, out)
    else showUndoPlan(result, out)
  }

  private retype(key: string): string {
    return `onboard rollback ${key} --to ${this.flags.to} --confirm ${key}`
  }

  private async confirmed(key: string, planned: UndoPlan): Promise<void> {
    if (this.flags.confirm === key) return
    if (this.flags.confirm === undefined && this.interactive) {
      showUndoPlan(planned, this.output)
      const { typed } = await import('../src/cli/question.ts')
      if (await typed(`Type ${key} to undo this:`, key, this.io)) return
      throw new OnboardError('interrupted', 'declined', 'Not undone; nothing was changed.')
    }
    const said = this.flags.confirm === undefined ? 'This undoes what was applied' : `--confirm ${this.flags.confirm} names another customer`
    throw new OnboardError('usage', 'not-confirmed', `${said} (${planned.steps.length} steps of ${key}): confirm it by its name.`, {
      suggestions: [`onboard rollback ${key} --to ${this.flags.to} --dry-run`, this.retype(key)],
    })
  }
}

function target(to: string, work: Work): UndoTarget {
  const [phase = '', step] = to.split('.', 2)
  const known = work.runbook.phases.find(({ id }) => id === phase)
  if (known && (step === undefined || known.steps.some(({ id }) => id === step))) return { phase, step: step ?? null }
  const names = known ? known.steps.map(({ id }) => `${phase}.${id}`) : work.runbook.phases.map(({ id }) => id)
  throw new OnboardError('usage', 'unknown-target', `The runbook of ${work.onboarding.key} has no '${to}' to roll back to; it has ${names.join(', ')}.`, {
    suggestions: [`onboard status ${work.onboarding.key}`],
  })
}

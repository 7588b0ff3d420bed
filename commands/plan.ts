import * as Flags from '@oclif/core/flags'
import type { Plan } from '../src/model.ts'
import { EXIT, OnboardError, worstExit } from '../src/errors.ts'
import { plannedCustomer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { extent, format } from '../src/cli/flags.ts'
import { quote, retyped } from '../src/cli/invocation.ts'
import { mustNameFile } from '../src/cli/named-file.ts'
import type { Output } from '../src/cli/output.ts'
import { showPlan } from '../src/cli/views/plan.ts'
import { planAs } from '../src/cli/views/results.ts'

/** What apply would change; changes nothing itself. */
export default class PlanCommand extends OnboardCommand<typeof PlanCommand, Plan> {
  static override result = 'plan'
  static override summary = 'Show what apply would change, before → after; change nothing.'
  static override examples = [
    'onboard plan acme',
    'onboard plan acme --phase provision --out acme.plan.json',
    'onboard plan acme --detailed-exitcode',
    'onboard plan --offline --file acme.handoff.yaml --runbook enterprise',
  ]
  static override description =
    'With --offline a handoff file is planned as if its onboarding began now: '
    + 'without a database, also in a workspace that is not trusted. '
    + 'Nothing is looked at then, so everything is still to do.'
  static override args = { customer: plannedCustomer }
  static override flags = {
    ...extent,
    format,
    out: Flags.string({ description: 'Save the plan, for apply --plan.', helpValue: 'FILE', exclusive: ['offline'] }),
    offline: Flags.boolean({ description: 'Plan a handoff file, without a database.', dependsOn: ['file'] }),
    file: Flags.string({
      char: 'f', description: 'With --offline: the handoff; - for standard input.', helpValue: 'FILE',
      dependsOn: ['offline'],
    }),
    discovery: Flags.string({
      description: 'With --offline: the discovery, where it has a file of its own.', helpValue: 'FILE',
      dependsOn: ['offline'],
    }),
    runbook: Flags.string({
      description: 'With --offline: the runbook, by name or folder; may be left out where there is only one.',
      helpValue: 'RUNBOOK', dependsOn: ['offline'],
    }),
    'detailed-exitcode': Flags.boolean({ description: 'Exit with 4 where there are changes to apply.' }),
  }

  override async perform(): Promise<Done<Plan>> {
    const { customer, out, file } = { ...this.args, ...this.flags }
    if (file !== undefined) return this.offline(file)
    if (customer === undefined) {
      throw new OnboardError(
        'usage', 'customer-needed', 'plan needs a CUSTOMER, or a handoff file with --offline',
        { suggestions: ['onboard status', 'onboard plan --help'] },
      )
    }
    const { plan } = await import('../src/engine/plan.ts')
    const { extentOf } = await import('../src/cli/extent.ts')
    mustNameFile(out, 'out', 'a plan on standard output is its JSON', `${retyped(this, 'out')} --json`)
    const work = await this.context.work(customer)
    const planned = await plan(work, extentOf(work, this.flags))
    if (out !== undefined) {
      const { savePlan } = await import('../src/cli/saved-plan.ts')
      await savePlan(planned, this.context.path(out), out)
    }
    return {
      result: planned,
      exit: this.exitOf(planned),
      next: this.next(planned),
    }
  }

  private async offline(file: string): Promise<Done<Plan>> {
    const { customer } = this.args
    if (customer !== undefined) {
      throw new OnboardError(
        'usage', 'customer-offline', `--offline plans a handoff file; leave ${customer} out, or --offline`,
        { suggestions: [`onboard plan ${customer}`] },
      )
    }
    const { planOffline } = await import('../src/cli/offline-plan.ts')
    const planned = await planOffline(this.context, { ...this.flags, file })
    const runbook = this.flags.runbook === undefined ? '' : ` --runbook ${quote(this.flags.runbook)}`
    const discovery = this.flags.discovery === undefined ? '' : ` --discovery ${quote(this.flags.discovery)}`
    return {
      result: planned,
      exit: this.exitOf(planned),
      next: [`onboard handoff accept --file ${quote(file)}${discovery}${runbook}`],
    }
  }

  override view(plan: Plan, out: Output): void {
    showPlan(plan, out)
  }

  protected override rendered(plan: Plan): string | undefined {
    return this.flags.format === undefined ? undefined : planAs(this.flags.format, plan)
  }

  private exitOf({ exit, pending }: Plan): number {
    return worstExit([exit, this.flags['detailed-exitcode'] && pending > 0 ? EXIT.pending : EXIT.done])
  }

  private next({ onboarding, pending, scope, steps, held }: Plan): string[] {
    if (held) return [`onboard resume ${onboarding}`]
    if (this.flags.out !== undefined && pending > 0) return [`onboard apply ${onboarding} --plan ${this.flags.out}`]
    const extent = scope.step ? ` --step ${scope.phase}.${scope.step}` : scope.phase ? ` --phase ${scope.phase}` : ''
    if (pending > 0) return [`onboard apply ${onboarding}${extent}`]
    const open = steps.flatMap((step) => step.next ?? [])
    return open.length > 0 ? [...new Set(open)].slice(0, 3) : [`onboard status ${onboarding}`]
  }
}

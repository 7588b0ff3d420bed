import type { Command } from '@oclif/core/command'
import type { Work } from '../engine/ports.ts'
import { exitOfFindings, type Diagnosis } from '../onboarding/diagnose.ts'
import { OnboardCommand, type Done } from './base.ts'
import type { Output } from './output.ts'
import { bold, dim, green, red, yellow } from './style.ts'

/** Commands that look for what is wrong, and change nothing. */
export abstract class DiagnoseCommand<C extends typeof Command> extends OnboardCommand<C, Diagnosis> {
  static override result = 'diagnose'

  protected async diagnosed(customer: string, diagnose: (work: Work) => Promise<Diagnosis>): Promise<Done<Diagnosis>> {
    const result = await diagnose(await this.context.work(customer, { cancelled: true }))
    const next = [...new Set(result.findings.flatMap(({ next }) => next ?? []))]
    const well = result.findings.every(({ state }) => state === 'ok')
    const { onboarding } = result
    return {
      result, exit: exitOfFindings(result.findings),
      next: next.length > 0 ? next : [
        well ? `onboard status ${onboarding}` : `onboard issue add ${onboarding} TITLE --severity P2`,
      ],
    }
  }

  override view({ findings }: Diagnosis, out: Output): void {
    const marks = { ok: green('✓'), warn: yellow('!'), fail: red('✗'), not_checked: dim('–') }
    out.table(findings.map(({ name, state, message }) => [
      marks[state], bold(name), state === 'not_checked' ? dim(`not checked: ${message}`) : message,
    ]))
  }
}

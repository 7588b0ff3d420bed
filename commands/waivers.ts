import { anyCustomer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green, yellow, type Piece } from '../src/cli/style.ts'
import type { WaiverLine } from '../src/onboarding/waivers.ts'

interface Result {
  readonly waivers: readonly WaiverLine[]
}

/** Steps that are, or were, passed over: by whom, why, until when. */
export default class Waivers extends OnboardCommand<typeof Waivers, Result> {
  static override result = 'waivers'
  static override summary = 'List the waivers of an onboarding, or of all: by whom, why, and until when each holds.'
  static override examples = ['onboard waivers acme', 'onboard waivers']
  static override args = { customer: anyCustomer }

  override async perform(): Promise<Done<Result>> {
    const { waiversOf } = await import('../src/onboarding/waivers.ts')
    const { customer } = this.args
    const waivers: WaiverLine[] = []
    if (customer !== undefined) waivers.push(...(await this.context.glance(customer, waiversOf)))
    else for await (const some of this.context.glances(waiversOf)) waivers.push(...some)
    const ended = waivers.find(({ state }) => state === 'ended')
    const tasks = customer === undefined ? 'onboard tasks' : `onboard tasks ${customer}`
    return { result: { waivers }, next: [ended === undefined ? tasks : `onboard status ${ended.onboarding}`] }
  }

  override view({ waivers }: Result, out: Output): void {
    if (waivers.length === 0) return out.line(dim('Nothing is waived.'))
    const looks = { holds: green, ended: yellow, replaced: dim, void: dim }
    out.table([
      ['CUSTOMER', 'STEP', 'UNTIL', 'STATE', 'BY', 'WHY'],
      ...waivers.map(({ onboarding, step, until, state, by, role, reason }): Piece[] => [
        onboarding, bold(step), until, looks[state](state), [by ?? dim('(erased)'), dim(` ${role}`)],
        reason ?? dim('(erased)'),
      ]),
    ], { head: true })
  }
}

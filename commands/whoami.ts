import type { Actor } from '../src/model.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim } from '../src/cli/style.ts'

interface Result {
  readonly actor: Actor
}

/** The name under which the journal will record what is done here. */
export default class Whoami extends OnboardCommand<typeof Whoami, Result> {
  static override result = 'whoami'
  static override summary = 'Say under which name the journal records what you do.'
  static override examples = ['onboard whoami', 'ONBOARD_ACTOR="Eva Weber <eva@vendor.example>" onboard whoami']

  override async perform(): Promise<Done<Result>> {
    return { result: { actor: await this.context.actor() } }
  }

  override view({ actor }: Result, out: Output): void {
    const how = { os: 'the operating system’s user', ci: 'the pipeline', database: 'the database’s login' }[actor.how]
    out.line(bold(actor.name), actor.email === null || actor.email === actor.name ? '' : ` <${actor.email}>`)
    out.line(dim(`known by ${how}; ${actor.verified ? 'verified' : 'a label, not proof'}`))
  }
}

import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { tenantFree } from '../src/cli/tenant-free.ts'
import { bold, dim, green } from '../src/cli/style.ts'
import type { Renamed } from '../src/onboarding/rename.ts'

/** A customer is called otherwise. */
export default class Rename extends OnboardCommand<typeof Rename, Renamed> {
  static override result = 'rename'
  static override summary = 'Give a customer another name: its slug, its onboardings, the company in its handoffs.'
  static override description =
    'The old name is given to nobody else. Its tenants in the product are renamed by the next apply, '
    + 'which finds them under the old name.'
  static override examples = [
    'onboard rename acme globex', 'onboard rename acme globex --company "Globex GmbH"',
    'onboard rename acme acme --company "Acme AG"',
  ]
  static override args = {
    customer,
    slug: Args.string({ name: 'new-slug', description: 'What it is to be called.', required: true, ignoreStdin: true }),
  }
  static override flags = {
    company: Flags.string({
      description: 'The new name of the company; where it is left out, that stays.', helpValue: 'NAME',
    }),
  }

  override async perform(): Promise<Done<Renamed>> {
    const [{ rename }, { createRenameStore }] = await Promise.all([
      import('../src/onboarding/rename.ts'), import('../src/journal/rename.ts'),
    ])
    const { args, flags, context } = this
    const actor = await context.actor()
    await tenantFree(context, args.customer, args.slug)
    const wish = { customer: args.customer, slug: args.slug, company: flags.company, actor }
    const result = await context.connected('app', (client) => rename(createRenameStore(client), wish))
    const next = result.onboardings.map((key) => `onboard plan ${key}`)
    const isFollowed = next.length > 0 && result.outcome === 'renamed'
    const status = `onboard status ${result.onboardings[0] ?? ''}`.trim()
    return { result, next: isFollowed ? next.slice(0, 3) : [status] }
  }

  override view({ outcome, from, to }: Renamed, out: Output): void {
    if (outcome === 'unchanged') return out.line(dim('='), ' ', bold(to.slug), ` ${to.company} is called so already`)
    out.line(green('✓'), ' ', bold(to.slug), ` ${to.company}`, dim(`, before ${from.slug} ${from.company}`))
    if (from.slug !== to.slug) {
      out.line('  ', dim(`${from.slug} is given to nobody else; the tenant follows with the next apply`))
    }
  }
}

import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Written } from '../src/cli/write-files.ts'
import { OnboardError } from '../src/errors.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { quote } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim } from '../src/cli/style.ts'

interface Result {
  readonly dir: string
  readonly files: readonly Written[]
}

/** A workspace to begin with. */
export default class Init extends OnboardCommand<typeof Init, Result> {
  static override result = 'init'
  static override summary = 'Make a workspace: a worked config, an example handoff, editor settings.'
  static override examples = [
    'onboard init', 'onboard init onboarding', 'onboard init onboarding --app-url http://localhost:8080 --gateway',
  ]
  static override args = {
    dir: Args.string({
      description: 'Folder; made where it does not exist. Default: this one.', default: '.', ignoreStdin: true,
    }),
  }
  static override flags = {
    database: Flags.string({
      description: 'Give the workspace an embedded database of this name for itself.', helpValue: 'NAME',
    }),
    'app-url': Flags.string({ description: 'Where customers sign in.', helpValue: 'URL' }),
    gateway: Flags.boolean({
      description: 'Customers sign in at onboard serve, which has single sign-on and SCIM.', default: false,
    }),
    today: Flags.string({ description: "Compute the example's dates from this day, YYYY-MM-DD.", helpValue: 'DATE' }),
    force: Flags.boolean({
      description: 'Overwrite what init has written before; editor settings that differ always stay.',
    }),
  }

  override async perform(): Promise<Done<Result>> {
    const { actionsAt } = await import('../src/cli/actions.ts')
    const { editorSchemas } = await import('../src/cli/editor-schemas.ts')
    const { dateIn } = await import('../src/onboarding/calendar.ts')
    const { scaffold } = await import('../src/onboarding/scaffold.ts')
    const { writeFiles } = await import('../src/cli/write-files.ts')
    const { dir } = this.args
    const target = this.context.path(dir)
    // Actions that lie there already are known by name; onboard trust tells editors the rest.
    const { texts: schemas } = await editorSchemas(target, await actionsAt(target, async () => 'it was just made'))
    const { database, today = dateIn(new Date().toISOString(), 'UTC') } = this.flags
    const files = scaffold({
      today: dateGiven(today), schemas, database: nameGiven(database), app_url: originGiven(this.flags['app-url']),
      gateway: this.flags.gateway,
    })
    const fresh = await bringsNothing(target)
    const written = await writeFiles(
      target, files, { force: this.flags.force, keep: ['.vscode/settings.json'], name: dir },
    )
    if (fresh) await trustMade(target, this.io.env)
    const [enter, flag] = dir === '.' ? ['', ''] : [` --workspace ${quote(dir)}`, `${dir}/`]
    return {
      result: { dir, files: written },
      next: [
        `onboard handoff check --file ${quote(`${flag}acme.handoff.yaml`)}${enter}`,
        `onboard handoff accept --file ${quote(`${flag}acme.handoff.yaml`)} --runbook enterprise${enter}`,
      ],
    }
  }

  override view({ dir, files }: Result, out: Output): void {
    out.line(bold(dir === '.' ? 'This folder' : dir), ' is a workspace of onboard')
    const marks = { written: '+', overwritten: '~', unchanged: '=', kept: '·' }
    out.table(files.map(({ path, outcome }) => [marks[outcome], path, dim(outcome)]), { indent: 2 })
    if (files.some(({ outcome }) => outcome === 'kept')) {
      out.note(
        'Your editor settings were left as they are; the first line of each file names its schema to editors as well.',
      )
    }
  }
}

/** What a folder held before is not ours to trust. */
async function bringsNothing(dir: string): Promise<boolean> {
  const { readdir } = await import('node:fs/promises')
  const there: readonly string[] = await readdir(dir).catch(() => [])
  return !there.some((name) => ['actions', 'runbooks', 'schemas', 'templates'].includes(name))
}

/** A workspace is trusted as it is made; where that cannot be kept, `onboard trust` says why. */
async function trustMade(
  dir: string, env: Parameters<typeof import('../src/cli/trust.ts').recordTrust>[2],
): Promise<void> {
  const { recordTrust, workspaceContent } = await import('../src/cli/trust.ts')
  await workspaceContent(dir).then((content) => recordTrust(dir, content, env)).catch(() => undefined)
}

function dateGiven(text: string): string {
  const date = new Date(`${text}T00:00:00Z`)
  if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${text}T`)) return text
  throw new OnboardError(
    'usage', 'not-a-date', `--today ${text} is no date of the calendar (YYYY-MM-DD).`,
    { suggestions: ['onboard init --help'] },
  )
}

function nameGiven(name: string | undefined): string | undefined {
  if (name === undefined || /^[a-z][a-z0-9_-]{0,47}$/.test(name)) return name
  throw new OnboardError(
    'usage', 'database-name',
    `--database ${name} is no name of an embedded database: lower-case letters, digits, - and _.`,
    { suggestions: ['onboard init --help'] },
  )
}

function originGiven(url: string | undefined): string | undefined {
  if (url === undefined || (URL.canParse(url) && /^https?:\/\/[^/?#@]+$/.test(url))) return url
  throw new OnboardError(
    'usage', 'bad-url', `--app-url ${url} is not an origin such as https://app.vendor.example`,
    { suggestions: ['onboard init --help'] },
  )
}

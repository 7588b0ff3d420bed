import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type { Interfaces } from '@oclif/core'
import type { Json } from '../model.ts'
import { keepsConnections } from '../database/kept.ts'
import { EXIT, type OnboardError } from '../errors.ts'
import { colours } from './colours.ts'
import { Context } from './context.ts'
import { asOnboardError } from './failure.ts'
import { asTyped } from './invocation.ts'
import { jsonPieces } from './json-pieces.ts'
import { createOutput, type Io, type Output } from './output.ts'
import { processIo } from './process-io.ts'
import { cyan, dim } from './style.ts'
import { errorJson, showError } from './views/error.ts'

/** What a command has done. */
export interface Done<R extends object = object> {
  /** What `--json` prints, as `schemas/results/<result>.schema.json` says. */
  readonly result: R
  /** Exit code; 0 where it is left out. */
  readonly exit?: number
  /** Commands to type next, each beginning with `onboard `. */
  readonly next?: readonly string[]
}

type FlagsOf<C extends typeof Command> = Interfaces.InferredFlags<(typeof OnboardCommand)['baseFlags'] & C['flags']>
type ArgsOf<C extends typeof Command> = Interfaces.InferredArgs<C['args']>

/**
 * Every command: it says what it takes, performs, and shows. Printing, errors, exit codes and closing are done here.
 *
 *     export default class Plan extends OnboardCommand<typeof Plan, PlanResult> {
 *       static override result = 'plan'
 *       async perform() { return { result: await plan(await this.context.work(this.args.customer)) } }
 *       view(result: PlanResult, out: Output) { … }
 *     }
 */
export abstract class OnboardCommand<C extends typeof Command, R extends object> extends Command {
  /** Name of the schema of its `--json`, in schemas/results/. */
  static result = ''
  static override baseFlags = {
    // First one with a short form: help trims the blanks before a first one that has none.
    workspace: Flags.string({
      char: 'w', description: 'Folder with onboard.config.yaml.', helpValue: 'DIR', helpGroup: 'GLOBAL',
    }),
    json: Flags.boolean({ description: 'Print the result as JSON.', helpGroup: 'GLOBAL' }),
    'database-url': Flags.string({
      description: 'PostgreSQL to work on, without a password in it.', helpValue: 'URL', helpGroup: 'GLOBAL',
    }),
    trust: Flags.string({
      description: 'Trust the workspace, or actions that an onboarding has pinned, for this command '
        + 'where they have this digest; several with commas.',
      helpValue: 'DIGEST', helpGroup: 'GLOBAL',
    }),
    'no-input': Flags.boolean({ description: 'Ask nothing; automatic off a terminal.', helpGroup: 'GLOBAL' }),
    'no-color': Flags.boolean({ description: 'Print without colours.', helpGroup: 'GLOBAL' }),
    yes: Flags.boolean({ char: 'y', description: 'Answer yes where a yes is asked for.', helpGroup: 'GLOBAL' }),
  }

  io: Io = processIo
  protected flags!: FlagsOf<C>
  protected args!: ArgsOf<C>
  protected context!: Context
  protected output!: Output

  /** Does the work and prints nothing but progress, on stderr. */
  abstract perform(): Promise<Done<R>>

  /** Shows a result to people. */
  abstract view(result: R, out: Output): void

  /** Bytes that stand in place of the view, where a flag asks for another format; undefined = the view. */
  protected rendered(_result: R): string | undefined {
    return undefined
  }

  /** For `SomeCommand.run(argv)`. */
  override async run(): Promise<number> {
    return (process.exitCode = await this.execute())
  }

  /** Parses, performs, prints, closes. Resolves to the exit code and never throws. */
  async execute(): Promise<number> {
    const json = wantsJson(this.argv)
    try {
      const started = await this.start()
      const done = await this.perform()
      this.print(done, started.json ?? json)
      if (!keepsConnections()) await this.context.keepLooks()
      return done.exit ?? EXIT.done
    } catch (thrown) {
      const { id = '', flags } = this.ctor
      const names = Object.keys({ ...flags, ...OnboardCommand.baseFlags })
      const typed = { id: id.replaceAll(':', ' '), flags: names, argv: this.argv }
      return await this.fail(await asOnboardError(thrown, typed), json)
    } finally {
      await (this.context as Context | undefined)?.close()
    }
  }

  /** True where a question can be put to a person. */
  protected get interactive(): boolean {
    const { io, flags } = this
    return io.stdin.isTTY === true && io.stderr.isTTY === true && flags['no-input'] !== true && flags.json !== true
  }

  private async start(): Promise<{ json?: boolean }> {
    const parsed = await this.parse(this.ctor as never)
    this.flags = parsed.flags as FlagsOf<C>
    this.args = parsed.args as ArgsOf<C>
    const flags = parsed.flags as Record<string, string | boolean | undefined>
    const given = <T>(name: string): T | undefined => flags[name] as T | undefined
    this.context = new Context(this.io, {
      workspace: given<string>('workspace'),
      databaseUrl: given<string>('database-url'),
      secretsOut: given<string>('secrets-out'),
      trust: given<string>('trust'),
    })
    this.output = createOutput(
      this.io, await colours(this.io, flags['no-color'] === true), () => this.context.timeZone(),
    )
    return { json: flags['json'] === true }
  }

  private print(done: Done<R>, json: boolean): void {
    const about = this.context.about()
    if (json) {
      for (const piece of jsonPieces({ ...done.result, ...about })) this.output.raw(piece)
      this.output.raw('\n')
      return
    }
    const rendered = this.rendered(done.result)
    if (rendered !== undefined) {
      this.output.raw(rendered)
      return
    }
    this.view(done.result, this.output)
    if (about.database !== undefined) this.output.note(dim(this.place(about.database, about.clock?.now)))
    this.suggest(done.next ?? [], (...pieces) => this.output.line(...pieces))
  }

  /** `embedded:demo · simulated clock 2026-03-02 10:00 · Europe/Berlin` */
  private place(database: string, simulated: string | undefined): string {
    const clock = simulated === undefined ? [] : [`simulated clock ${this.output.time(simulated)}`]
    return [database, ...clock, this.context.timeZone()].join(' · ')
  }

  private suggest(commands: readonly string[], line: Output['line']): void {
    const chosen = (this.context as Context | undefined)?.chosen() ?? {}
    commands.forEach((command, at) => line(at === 0 ? '→ ' : '  ', cyan(asTyped(command, this.io.env, chosen))))
  }

  private async fail(error: OnboardError, json: boolean): Promise<number> {
    const output = (this.output as Output | undefined)
      ?? createOutput(this.io, await colours(this.io, this.argv.includes('--no-color')))
    if (json) {
      output.raw(JSON.stringify(errorJson(error) satisfies Json, null, 2) + '\n')
      return error.exit
    }
    showError(error, output, (this.context as Context | undefined)?.sourceOf)
    this.suggest(error.suggestions, output.note)
    if (error.kind === 'bug') bugReport(error, output, this.io)
    return error.exit
  }
}

/** Whether `--json` stands before a `--`: known before the flags are parsed, so that their errors are JSON as well. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}

function bugReport(error: OnboardError, output: Output, io: Io): void {
  if (!io.env['ONBOARD_DEBUG']) {
    output.note(dim('Run it again with ONBOARD_DEBUG=1 to see where, and report that.'))
    return
  }
  const cause = error.cause instanceof Error ? error.cause : error
  for (const line of (cause.stack ?? '').split('\n')) output.note(dim(line))
}

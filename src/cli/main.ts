import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Config } from '@oclif/core/config'
import type { Interfaces } from '@oclif/core'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { fromSource, packageRoot } from '../package.ts'
import { OnboardCommand, wantsJson } from './base.ts'
import { asTyped } from './invocation.ts'
import { createOutput, type Io } from './output.ts'
import { processIo } from './process-io.ts'
import { cyan } from './style.ts'
import { errorJson, showError } from './views/error.ts'

let loaded: Promise<Config> | undefined

/** The commands of this package; read once in a process. */
export function commandConfig(): Promise<Config> {
  return (loaded ??= loadConfig())
}

async function loadConfig(): Promise<Config> {
  const pjson = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Interfaces.PJSON
  // oclif's own way from dist/ to sources needs a transpiler, and fails silently with this TypeScript.
  const { settings } = await import('@oclif/core/settings')
  settings.enableAutoTranspile = false
  if (fromSource) pjson.oclif.commands = './commands'
  // A manifest left by `npm pack` would hide the commands that a clone has since gained.
  return Config.load({ root: packageRoot, pjson, isRoot: true, ignoreManifest: fromSource })
}

/** Runs one command line (without `node` and the script) and resolves to its exit code; never throws. */
export async function main(argv: readonly string[], io: Io = processIo): Promise<number> {
  const interrupted = () => {
    io.stderr.write('\nInterrupted. What was done is in the journal; run the command again to go on.\n')
    process.exit(130)
  }
  if (io === processIo) process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    const config = await commandConfig()
    const { normalizeArgv, getHelpFlagAdditions } = await import('@oclif/core/help')
    const asksHelp = argv[0] === 'help'
    const [id = '', ...rest] = normalizeArgv(config, asksHelp ? argv.slice(1) : [...argv])
    const flags = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest
    const helps = getHelpFlagAdditions(config)
    const command = config.findCommand(id)
    const helped = asksHelp || id === '' || [id, ...flags].some((word) => helps.includes(word))
    if (helped || (!command && config.findTopic(id))) {
      const { showHelp } = await import('./help.ts')
      return await showHelp(config, asksHelp ? argv.slice(1) : argv, io)
    }
    if (!command) throw unknownCommand(id, config)
    const Loaded = (await command.load()) as unknown as new (argv: string[], config: Config) => unknown
    const instance = new Loaded(rest, config)
    if (!(instance instanceof OnboardCommand)) throw new Error(`commands/${id} is no OnboardCommand`)
    instance.io = io
    return await instance.execute()
  } catch (thrown) {
    return failed(thrown, argv, io)
  } finally {
    process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted)
  }
}

function unknownCommand(id: string, config: Config): OnboardError {
  const typed = id.replaceAll(':', ' ')
  const ids = config.commandIDs.map((one) => one.replaceAll(':', ' '))
  const topics = config.topics.map((topic) => topic.name)
  const near = nearest(typed, [...ids, ...topics])
  const typing = near === undefined ? '--help' : topics.includes(near) ? `${near} --help` : near
  return new OnboardError('usage', 'unknown-command', `There is no command ${typed}.`, {
    suggestions: [`onboard ${typing}`],
  })
}

function failed(thrown: unknown, argv: readonly string[], io: Io): number {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const error = thrown instanceof OnboardError
    ? thrown
    : new OnboardError('bug', 'bug', `This is a bug in onboard: ${message}`, { cause: thrown })
  const output = createOutput(io, {})
  if (wantsJson(argv)) output.raw(JSON.stringify(errorJson(error), null, 2) + '\n')
  else {
    showError(error, output)
    error.suggestions.forEach((one) => output.note('→ ', cyan(asTyped(one, io.env, {}))))
    if (io.env['ONBOARD_DEBUG'] && thrown instanceof Error) io.stderr.write(`${thrown.stack}\n`)
  }
  return error.exit
}

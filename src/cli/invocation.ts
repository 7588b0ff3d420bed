import { quote } from '../input/shell.ts'
import { fromSource } from '../package.ts'

export { quote } from '../input/shell.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * How to write `onboard …` so that it works as typed where this command was typed.
 * In a clone, and under npx, that is `npx onboard`; a chosen workspace or database is repeated.
 */
export function asTyped(
  command: string, env: Env, chosen: { readonly workspace?: string; readonly databaseUrl?: string },
): string {
  if (command !== 'onboard' && !command.startsWith('onboard ')) return command
  const viaNpx = fromSource || env['npm_command'] === 'exec'
  // A new workspace is made where one says, and knows no database yet.
  const flags = command.startsWith('onboard init') ? [] : [
    chosen.workspace === undefined ? '' : ` --workspace ${quote(chosen.workspace)}`,
    chosen.databaseUrl === undefined ? '' : ` --database-url ${quote(chosen.databaseUrl)}`,
  ]
  return (viaNpx ? 'npx ' : '') + command + flags.join('')
}

/** What is said again by whoever prints a suggestion, or is of no use to a person. */
const PLACE = ['json', 'workspace', 'database-url']
/** Flags that take no value. */
const BARE = ['json', 'dry-run']

/**
 * The command as it was typed, to be typed again: every word quoted for a shell, without its place.
 * @param without names of flags that are left out, with their values: those that are said anew
 */
export function retyped(
  { id, argv }: { readonly id?: string | undefined; readonly argv: readonly string[] }, ...without: readonly string[]
): string {
  const gone = [...PLACE, ...without]
  const left: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    const short = word.startsWith('-w') ? [word, 'workspace', word.slice(2)] : []
    const [, name, value] = /^--([^=]+)(=.*)?$/s.exec(word) ?? short
    if (name === undefined || !gone.includes(name)) left.push(quote(word))
    else if ((value ?? '') === '' && !BARE.includes(name)) at++
  }
  return ['onboard', ...(id ?? '').split(':'), ...left].join(' ')
}

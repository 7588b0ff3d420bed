import { fromSource } from '../package.ts'

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

/** One word of a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

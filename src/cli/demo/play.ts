import { PassThrough } from 'node:stream'
import { OnboardError } from '../../errors.ts'
import { asTyped, quote } from '../invocation.ts'
import { main } from '../main.ts'
import type { Io, Output } from '../output.ts'
import { bold, cyan, dim } from '../style.ts'
import type { Scene, Typed } from './scene.ts'

export interface Played {
  readonly command: string
  readonly exit: number
}

/**
 * Plays the scenes: each command printed as a person would type it, then run by the very code that runs it when typed,
 * in this process, its output passed on. Throws where a command ends otherwise than its scene needs.
 */
export async function play(scenes: readonly Scene[], io: Io, out: Output): Promise<readonly Played[]> {
  const played: Played[] = []
  for (const { says, commands } of scenes) {
    out.line()
    out.line(dim(`# ${says}`))
    for (const one of commands) {
      if ('tells' in one) {
        out.line(dim(one.does === null ? `· ${one.tells}: done before` : `· ${one.tells}`))
        await one.does?.()
        continue
      }
      const { argv, fine } = one
      const command = typedAs(argv, io)
      out.line(bold('$ '), cyan(command))
      const exit = await typed(one, io)
      played.push({ command, exit })
      if (!fine.includes(exit)) {
        throw new OnboardError(
          'failed', 'demo-stopped', `The demo stops here: that command ended with ${exit}.`,
          { suggestions: ['onboard doctor'] },
        )
      }
    }
  }
  return played
}

/** Runs a command, and what somebody does while it waits; a fault of that is said where the command has ended. */
async function typed({ argv, meanwhile }: Typed, io: Io): Promise<number> {
  if (meanwhile === undefined) return main(argv, io)
  let said = ''
  let done: Promise<void> | undefined
  const watched = (stream: Io['stdout']): Io['stdout'] => ({
    ...(stream.isTTY === undefined ? {} : { isTTY: stream.isTTY }),
    ...(stream.columns === undefined ? {} : { columns: stream.columns }),
    write: (text: string) => {
      said += text
      const [shown] = meanwhile.shown.exec(said) ?? []
      if (shown !== undefined && done === undefined) {
        done = meanwhile.does(shown)
        done.catch(() => undefined)
      }
      return stream.write(text)
    },
  })
  const exit = await main(argv, { ...io, stdout: watched(io.stdout), stderr: watched(io.stderr) })
  await done
  return exit
}

/** argv → the line to type. */
export function typedAs(argv: readonly string[], io: Io): string {
  return asTyped(['onboard', ...argv.map(quote)].join(' '), io.env, {})
}

/** The world as the demo's commands see it: nobody to ask, and no database but the demo's own. */
export function demoIo(io: Io): Io & { readonly env: Record<string, string | undefined> } {
  const env = Object.fromEntries(Object.entries(io.env).filter(([name]) => !/(^|_)DATABASE_URL$/.test(name)))
  const stdin = new PassThrough()
  stdin.end()
  return { ...io, env, stdin }
}

import type { Io } from './output.ts'

/** What a prompt of the library is given besides its words. */
export interface Asking {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  readonly signal: AbortSignal
}

/** Asks for a yes on stderr; the default is no. Throws interrupted when the question is left with Ctrl-C. */
export async function yes(message: string, io: Io): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts')
  return asking(io, (context) => confirm({ message, default: false }, context))
}

/** Asks for a word that must be typed as it is; anything else is a no. */
export async function typed(message: string, word: string, io: Io): Promise<boolean> {
  const { input } = await import('@inquirer/prompts')
  return (await asking(io, (context) => input({ message }, context))).trim() === word
}

/** Puts one question. Where the terminal's input ends (Ctrl-D) it is left, as with Ctrl-C. */
export async function asking<T>(io: Io, put: (context: Asking) => Promise<T>): Promise<T> {
  const left = new AbortController()
  // The library closes its reader, which pauses the stream, and then waits for ever. After an answer nobody listens.
  const leave = () => setImmediate(() => left.abort())
  io.stdin.on('pause', leave).on('end', leave)
  try {
    const output = io.stderr as unknown as NodeJS.WritableStream
    return await put({ input: io.stdin, output, signal: left.signal })
  } finally {
    io.stdin.off('pause', leave).off('end', leave)
  }
}

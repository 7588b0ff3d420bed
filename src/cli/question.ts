import type { Io } from './output.ts'

/** Asks for a yes on stderr; the default is no. Throws interrupted when the question is left with Ctrl-C. */
export async function yes(message: string, io: Io): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts')
  return confirm({ message, default: false }, streams(io))
}

/** Asks for a word that must be typed as it is; anything else is a no. */
export async function typed(message: string, word: string, io: Io): Promise<boolean> {
  const { input } = await import('@inquirer/prompts')
  return (await input({ message }, streams(io))).trim() === word
}

function streams(io: Io): { input: NodeJS.ReadableStream; output: NodeJS.WritableStream } {
  return { input: io.stdin, output: io.stderr as unknown as NodeJS.WritableStream }
}

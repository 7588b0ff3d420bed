import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { OnboardError } from '../errors.ts'

/** Larger files are refused before they are read; what parses the text has a limit of its own below this. */
export const MAX_FILE = 8 * 1024 * 1024

/**
 * The bytes of a file that a person named. Only regular files: a folder, a device or a pipe is refused, and so is one
 * over the limit, before a byte of it is read. O_NONBLOCK: opening a pipe must not wait for a writer.
 * @param name what to call it in errors; default: the path
 */
export async function readFileOnce(path: string, name = path, max = MAX_FILE): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    throw new OnboardError(
      'invalid', cause.code === 'ENOENT' ? 'no-such-file' : 'file-unreadable', `${name} ${why(cause)}`,
      { cause, file: name },
    )
  })
  try {
    const about = await file.stat()
    if (!about.isFile()) {
      const what = about.isDirectory() ? 'a folder' : 'no regular file'
      throw new OnboardError('invalid', 'no-regular-file', `${name} is ${what}`, { file: name })
    }
    if (about.size > max) throw tooLarge(name, `has ${about.size} bytes`, max)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** Standard input to its end, at most `max` bytes. */
export async function readStdin(stdin: NodeJS.ReadableStream, max = MAX_FILE): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    size += bytes.length
    if (size > max) throw tooLarge('standard input', 'does not end', max)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function tooLarge(name: string, what: string, max: number): OnboardError {
  return new OnboardError('invalid', 'file-too-large', `${name} ${what}; at most ${max} are read`, { file: name })
}

function why(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'does not exist'
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'may not be read by this user'
  if (error.code === 'ELOOP') return 'is a link that leads to itself'
  return `cannot be read (${error.code ?? 'unknown reason'})`
}

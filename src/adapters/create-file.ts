import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { OnboardError } from '../errors.ts'

/**
 * Creates a file with these bytes, whole or not at all; nothing that stands there is touched, and the same bytes there
 * already are fine.
 * @param shown how it is called in messages
 * @param former sha256 (hex) of what may stand there and be replaced
 */
export async function createFile(
  path: string, shown: string, bytes: Uint8Array, former: ReadonlySet<string> = new Set(),
): Promise<'written' | 'unchanged'> {
  const there = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw unwritable(shown, error)
  })
  if (there?.equals(bytes) === true) return 'unchanged'
  if (there !== undefined && !former.has(createHash('sha256').update(there).digest('hex'))) {
    throw new OnboardError(
      'conflict', 'file-exists', `${shown} is there already, with something else in it; it stays as it is`,
    )
  }
  const temporary = `${path}.${process.pid}`
  try {
    await write(there === undefined ? path : temporary, bytes)
    if (there !== undefined) await rename(temporary, path)
    return 'written'
  } catch (error) {
    throw unwritable(shown, error as NodeJS.ErrnoException)
  }
}

/** Only a file that is made by this is taken away again. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined)
    throw error
  } finally {
    await handle.close()
  }
}

function unwritable(shown: string, error: NodeJS.ErrnoException): OnboardError {
  return new OnboardError(
    'invalid', 'unwritable-file', `${shown} cannot be written: ${error.code ?? error.message}`, { cause: error },
  )
}

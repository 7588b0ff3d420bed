import { open, readFile, rm } from 'node:fs/promises'
import { OnboardError } from '../errors.ts'

/**
 * Creates a file with these bytes; nothing that stands there is touched, and the same bytes there already are fine.
 * @param shown how it is called in messages
 */
export async function createFile(path: string, shown: string, bytes: Uint8Array): Promise<'written' | 'unchanged'> {
  const handle = await open(path, 'wx', 0o600).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw new OnboardError('invalid', 'unwritable-file', `${shown} cannot be written: ${error.code ?? error.message}`, { cause: error })
    const there = await readFile(path).catch(() => undefined)
    if (there?.equals(bytes) === true) return undefined
    throw new OnboardError('conflict', 'file-exists', `${shown} is there already, with something else in it; nothing was written`)
  })
  if (handle === undefined) return 'unchanged'
  try {
    await handle.writeFile(bytes)
    await handle.sync()
    return 'written'
  } catch (cause) {
    await rm(path, { force: true }).catch(() => undefined)
    throw new OnboardError('failed', 'unwritable-file', `${shown} was not written: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, { cause })
  } finally {
    await handle.close()
  }
}

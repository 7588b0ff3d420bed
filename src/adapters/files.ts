import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { OnboardError } from '../errors.ts'

/** A file's bytes with what identifies them. */
export interface ReadFile {
  /** Last part of its path. */
  readonly name: string
  /** sha256 (hex) of the very bytes given. */
  readonly digest: string
  readonly size: number
  readonly bytes: Uint8Array
}

/** Evidence is kept in the database for good, so it is kept small. */
export const EVIDENCE_MAX_BYTES = 10 * 1024 * 1024

/**
 * Reads a regular file whole, from one descriptor: what was checked is what was read.
 * Takes its absolute path and how it is called in messages. Links, devices, pipes, folders and files over `maxBytes`
 * are refused as invalid. O_NONBLOCK: opening a pipe must not wait for a writer.
 */
export async function readRegularFile(path: string, shown: string, maxBytes: number): Promise<ReadFile> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(error, shown)
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) {
      throw new OnboardError('invalid', 'not-a-file', `${shown} is not a regular file`, { file: shown })
    }
    const bytes = await readUpTo(handle, maxBytes)
    if (bytes === undefined) {
      throw new OnboardError(
        'invalid', 'file-too-large',
        `${shown} has more than ${maxBytes} bytes, which is the most that is taken`,
        { file: shown },
      )
    }
    return { name: basename(path), digest: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, bytes }
  } finally {
    await handle.close()
  }
}

/** undefined: there is more than that. The size is counted while reading, because a file can grow meanwhile. */
async function readUpTo(handle: FileHandle, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(65_536), 0, 65_536, null)
    if (bytesRead === 0) return Buffer.concat(chunks, size)
    size += bytesRead
    if (size > maxBytes) return undefined
    chunks.push(buffer.subarray(0, bytesRead))
  }
}

function unreadable(error: NodeJS.ErrnoException, shown: string): OnboardError {
  const said: Record<string, string> = {
    ENOENT: `there is no file ${shown}`,
    ELOOP: `${shown} is a link; give the file itself`,
    EACCES: `${shown} may not be read`,
    EISDIR: `${shown} is a folder`,
    ENOTDIR: `there is no file ${shown}`,
    ENXIO: `${shown} is not a regular file`,
  }
  const message = said[error.code ?? ''] ?? `${shown} cannot be read: ${error.code ?? error.message}`
  return new OnboardError('invalid', 'unreadable-file', message, { cause: error, file: shown })
}

import { constants } from 'node:fs'
import { access, lstat, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OnboardError } from '../errors.ts'
import type { SecretSink } from '../engine/ports.ts'

type Delivery = Parameters<SecretSink['deliver']>[0][number]

/** What of a secret is handed over, and for which customer's step. */
export interface Handed {
  readonly customer: string
  readonly step: string
  readonly name: string
  readonly value: string
  readonly expires_at: string | null
  readonly note: string | null
}

function handed(customer: string, { key, name, value, expires_at, note }: Delivery): Handed {
  const step = `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
  return { customer, step, name, value: value.reveal(), expires_at: expires_at ?? null, note: note ?? null }
}

/** Hands secrets to a person at a terminal, once; nothing keeps them. */
export function terminalSecrets(customer: string, show: (secret: Handed) => void): SecretSink {
  return {
    ready: async () => undefined,
    deliver: async (secrets) => secrets.forEach((secret) => show(handed(customer, secret))),
  }
}

/** Where nobody would see a secret: refused before any effect. */
export function noPlaceForSecrets(command: string): SecretSink {
  const refuse = async () => {
    throw new OnboardError(
      'usage', 'no-place-for-secrets',
      'This will issue a secret, and there is no terminal to show it on: say where to write it.',
      { suggestions: [`${command} --secrets-out secrets.jsonl`] },
    )
  }
  return { ready: refuse, deliver: refuse }
}

/**
 * Writes secrets to a new file, one JSON object a line, readable by its owner alone. The file and its folder are synced
 * before `deliver` resolves, and so before the commit. An existing file or a link is refused, never followed.
 */
export function fileSecrets(customer: string, path: string, shown: string): SecretSink & { close(): Promise<void> } {
  let file: FileHandle | undefined
  return {
    async ready() {
      if (file) return
      const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw unusable(error, shown)
      })
      if (there) throw occupied(shown)
      await access(dirname(path), constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
        throw unusable(error, shown)
      })
    },
    async deliver(secrets) {
      if (secrets.length === 0) return
      const isNew = file === undefined
      file ??= await create(path, shown)
      const { size } = await file.stat()
      try {
        await file.appendFile(secrets.map((secret) => JSON.stringify(handed(customer, secret)) + '\n').join(''))
        await file.sync()
      } catch (error) {
        await file.truncate(size).catch(() => undefined) // half a line would spoil the one after it
        throw new OnboardError(
          'failed', 'secrets-file-unwritable', `${shown} cannot be written: ${why(error as NodeJS.ErrnoException)}`,
          { cause: error },
        )
      }
      if (isNew) await syncFolder(dirname(path))
    },
    async close() {
      await file?.close()
    },
  }
}

async function create(path: string, shown: string): Promise<FileHandle> {
  try {
    return await open(
      path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_APPEND,
      0o600,
    )
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'EEXIST' || code === 'ELOOP' ? occupied(shown) : unusable(error as NodeJS.ErrnoException, shown)
  }
}

/** A file whose name is lost in a crash is a lost file. Windows cannot open folders; there the file's sync must do. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function occupied(shown: string): OnboardError {
  return new OnboardError(
    'usage', 'secrets-file-exists',
    `${shown} exists already (a file or a link): secrets are written to a new file only. Name another.`,
  )
}

function unusable(error: NodeJS.ErrnoException, shown: string): OnboardError {
  return new OnboardError('usage', 'secrets-file-unusable', `${shown} cannot be created: ${why(error)}`, {
    cause: error,
  })
}

function why({ code, message }: NodeJS.ErrnoException): string {
  const said = {
    ENOENT: 'its folder does not exist',
    ENOTDIR: 'what should be its folder is a file',
    EACCES: 'this user may not write there',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
  }[code ?? '']
  return said ?? code ?? message
}

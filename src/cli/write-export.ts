import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OnboardError } from '../errors.ts'
import type { Exported } from '../journal/export.ts'
import type { KeptExport } from '../onboarding/cancel.ts'

interface Manifest {
  readonly id: string
  readonly onboarding: string
  readonly head: Exported['head']
  readonly files: Readonly<Record<string, string>>
}

/**
 * Writes an export into a folder that is not there yet, all of it or nothing. One of the same onboarding that is there
 * already and whole is kept, where `follows` says that nothing was made since.
 * @throws OnboardError (conflict) where something else stands there.
 */
export async function writeExport(
  folder: { readonly path: string; readonly shown: string }, onboarding: { readonly id: string; readonly key: string },
  read: () => Promise<Exported>, follows: (head: Exported['head']) => Promise<boolean>,
): Promise<KeptExport> {
  const there = await existing(folder.path)
  if (there !== null) {
    const { manifest, digest } = there
    const isOurs = manifest?.id === onboarding.id && (await whole(folder.path, manifest))
    if (isOurs && (await follows(manifest.head))) {
      return { folder: folder.shown, digest, files: Object.keys(manifest.files).length, outcome: 'unchanged' }
    }
    const message = `${folder.shown} is there already and is no export of ${onboarding.key} as it stands; `
      + 'nothing was written over it'
    throw new OnboardError('conflict', 'export-exists', message, {
      suggestions: [`onboard cancel ${onboarding.key} --purge --export FOLDER --confirm ${onboarding.key}`],
    })
  }
  const { head, files } = await read()
  const digests = Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)]))
  const about: Manifest = { id: onboarding.id, onboarding: onboarding.key, head, files: digests }
  const manifest = Buffer.from(`${JSON.stringify(about, null, 2)}\n`)
  await put(folder.path, new Map([...files, ['manifest.json', manifest]])).catch((error: NodeJS.ErrnoException) => {
    throw new OnboardError(
      'failed', 'export-failed',
      `${folder.shown} could not be written: ${error.code ?? error.message}; nothing was taken back`, { cause: error },
    )
  })
  return { folder: folder.shown, digest: sha256(manifest), files: files.size, outcome: 'written' }
}

/** Everything is on disk under another name before the folder has its own; for its owner alone. */
async function put(path: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  // What an export that was killed has left holds values of persons.
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    if (!name.startsWith(`${basename(path)}.part-`)) continue
    await rm(join(dirname(path), name), { recursive: true, force: true })
  }
  const part = `${path}.part-${randomBytes(6).toString('hex')}`
  try {
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(part, name)), { recursive: true, mode: 0o700 })
      const handle = await open(join(part, name), 'wx', 0o600)
      await handle.writeFile(bytes)
      await handle.sync()
      await handle.close()
    }
    await rename(part, path) // refused by the system where a folder with something in it has come there meanwhile
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw error
  }
}

async function existing(path: string): Promise<{ manifest: Manifest | null; digest: string } | null> {
  const found = await lstat(path).catch(() => null)
  if (found === null) return null
  const bytes = found.isDirectory() ? await readFile(join(path, 'manifest.json')).catch(() => null) : null
  if (bytes === null) return { manifest: null, digest: '' }
  try {
    return { manifest: JSON.parse(bytes.toString('utf8')) as Manifest, digest: sha256(bytes) }
  } catch {
    return { manifest: null, digest: '' }
  }
}

async function whole(path: string, { files }: Manifest): Promise<boolean> {
  for (const [name, digest] of Object.entries(files)) {
    const bytes = await readFile(join(path, name)).catch(() => null)
    if (bytes === null || sha256(bytes) !== digest) return false
  }
  return true
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

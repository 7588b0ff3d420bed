import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OnboardError } from '../errors.ts'

export interface Written {
  /** Relative to the folder. */
  readonly path: string
  /** kept: something else stands there and stays. */
  readonly outcome: 'written' | 'overwritten' | 'unchanged' | 'kept'
}

/**
 * Writes files into a folder, all or none. What stands there already is never touched without `force`; of `keep`, not
 * even then.
 * @param name what the folder is called in messages
 * @throws OnboardError (conflict) naming the files in the way.
 */
export async function writeFiles(
  dir: string, files: ReadonlyMap<string, string>,
  { force, keep, name }: { readonly force: boolean; readonly keep: readonly string[]; readonly name: string },
): Promise<readonly Written[]> {
  const planned = await Promise.all([...files].map(async ([path, text]): Promise<Written & { text: string }> => {
    const there = await existing(join(dir, path))
    if (there === undefined) return { path, text, outcome: 'written' }
    if (there === text) return { path, text, outcome: 'unchanged' }
    return { path, text, outcome: keep.includes(path) ? 'kept' : 'overwritten' }
  }))
  const inTheWay = planned.filter(({ outcome }) => outcome === 'overwritten').map(({ path }) => path)
  if (inTheWay.length > 0 && !force) {
    throw new OnboardError(
      'conflict', 'files-exist', `${name} has ${inTheWay.join(', ')} already; nothing was written`,
      { suggestions: [`onboard init ${name} --force`] },
    )
  }
  await put(dir, planned.filter(({ outcome }) => outcome === 'written' || outcome === 'overwritten'))
  return planned.map(({ path, outcome }) => ({ path, outcome }))
}

/** Every text is on disk under a name of its own before the first takes its place. */
async function put(dir: string, planned: readonly (Written & { text: string })[]): Promise<void> {
  const mark = `.onboard-${randomBytes(6).toString('hex')}`
  const made: string[] = []
  const temporary = ({ path }: Written) => join(dir, `${path}${mark}`)
  try {
    for (const one of planned) {
      await mkdir(dirname(join(dir, one.path)), { recursive: true })
      await writeFile(temporary(one), one.text, { flag: 'wx' })
    }
    for (const one of planned) {
      const target = join(dir, one.path)
      if (one.outcome === 'overwritten') await rename(temporary(one), target)
      else {
        // Unlike a rename, a link does not replace what has come there meanwhile.
        await link(temporary(one), target)
        made.push(target)
      }
    }
  } catch (cause) {
    for (const path of made) await rm(path, { force: true })
    throw new OnboardError(
      'failed', 'not-written', `${dir}: ${(cause as Error).message}; nothing was written`, { cause },
    )
  } finally {
    for (const one of planned) await rm(temporary(one), { force: true })
  }
}

async function existing(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw new OnboardError(
      'failed', 'file-unreadable', `${path} cannot be read (${cause.code ?? 'unknown reason'}); nothing was written`,
      { cause },
    )
  })
}

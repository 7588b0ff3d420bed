import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../package.ts'
import type { KeptRunbook, LastingLook } from '../onboarding/kept.ts'

/** What looks depend on, besides each onboarding's own stamp. */
export interface Surrounding {
  readonly database: string
  /** The config, and whether the workspace may act. */
  readonly settings: unknown
  /** Instant of the database's clock, and its day where the vendor is. */
  readonly now: string
  readonly today: string
}

/** An onboarding as it was seen, with the runbook that it pins. */
export interface KeptLook extends LastingLook {
  readonly digest: string
  readonly runbook: KeptRunbook
}

export interface KeptLooks {
  /** The look at an onboarding that has this stamp still, as long as it holds. */
  get(id: string, stamp: string): KeptLook | undefined
  put(id: string, stamp: string, look: KeptLook): void
  save(): Promise<void>
}

type Row = readonly [id: string, stamp: string, seen: string, until: string | null, before: string | null, digest: string, lasting: LastingLook['lasting']]

/** Says what a file holds: one of another form is another file. */
const FORM = 'what lasts of a look, 5'

/** A line of JSON for the runbooks, then one for each onboarding: whoever is not asked for is not parsed. */
function linesOf(text: string): { readonly runbooks: Map<string, KeptRunbook>; readonly rows: ReadonlyMap<string, string> } {
  const [first = '{}', ...lines] = text.split('\n')
  const runbooks = new Map(Object.entries(JSON.parse(first) as Record<string, KeptRunbook>))
  return { runbooks, rows: new Map(lines.map((line) => [line.slice(2, line.indexOf('"', 2)), line])) }
}

/**
 * What lasts of earlier looks, in the cache folder of this user: it is a function of the journal, whose head is a hash, of
 * the inputs and of the config, until an instant or a day that it names. Whatever goes wrong with the file costs time,
 * nothing else.
 */
export async function keptLooks({ database, settings, now, today }: Surrounding, env: Readonly<Record<string, string | undefined>>): Promise<KeptLooks> {
  const folder = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'onboard', 'status')
  const version = await readFile(join(packageRoot, 'package.json'), 'utf8')
  const file = join(folder, `${createHash('sha256').update(JSON.stringify([FORM, database, settings, version])).digest('hex').slice(0, 40)}.json`)
  const { runbooks, rows } = await readFile(file, 'utf8').then(linesOf).catch(() => linesOf('{}'))
  /** Texts: they are much smaller than what they say. */
  const after = new Map<string, string>()
  const used = new Set<string>()
  let changed = false
  return {
    get(id, stamp) {
      const line = rows.get(id)
      const row = line === undefined ? undefined : rowOf(line)
      if (line === undefined || row === undefined) return undefined
      const [, then, seen, until, day, digest, lasting] = row
      const runbook = runbooks.get(digest)
      const holds = then === stamp && seen <= now && (until === null || now < until) && (day === null || today < day)
      if (!holds || runbook === undefined) return undefined
      after.set(id, line)
      used.add(digest)
      return { lasting, holds: { until, before: day }, digest, runbook }
    },
    put(id, stamp, { lasting, holds, digest, runbook }) {
      changed = true
      runbooks.set(digest, runbook)
      used.add(digest)
      after.set(id, JSON.stringify([id, stamp, now, holds.until, holds.before, digest, lasting] satisfies Row))
    },
    async save() {
      if (!changed) return
      const first = JSON.stringify(Object.fromEntries([...runbooks].filter(([digest]) => used.has(digest))))
      const temporary = `${file}.${randomBytes(6).toString('hex')}`
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(temporary, inPieces(first, after.values()), { mode: 0o600, flag: 'wx' })
        await rename(temporary, file)
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined)
      }
    },
  }
}

/** Lines, some at a time: all of them as one text would be the most that a status holds. */
function* inPieces(first: string, lines: Iterable<string>): Generator<string> {
  let piece = [first]
  for (const line of lines) {
    piece.push(line)
    if (piece.length < 500) continue
    yield piece.join('\n')
    piece = [''] // the next line begins anew
  }
  yield piece.join('\n')
}

function rowOf(line: string): Row | undefined {
  try {
    return JSON.parse(line) as Row
  } catch {
    return undefined // half a line is none
  }
}

import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../package.ts'
import type { Summary } from './views/statuses.ts'

/** What summaries of a day depend on, besides each onboarding's own stamp. */
export interface Surrounding {
  readonly database: string
  /** The config, and whether the workspace may act. */
  readonly settings: unknown
  /** Instant of the database's clock, and its day where the vendor is. */
  readonly now: string
  readonly today: string
}

export interface KeptSummaries {
  /** The summary of an onboarding that has this stamp still. */
  get(id: string, stamp: string): Summary | undefined
  /** `until`: instant at which it may change by itself before the day ends; null: it does not. */
  put(id: string, stamp: string, summary: Summary, until: string | null): void
  save(): Promise<void>
}

type Row = readonly [stamp: string, until: string | null, summary: Summary]

/**
 * Summaries from an earlier look of the same day, in the cache folder of this user: a status is a function of the journal,
 * whose head is a hash, of the inputs, the config and the day. Whatever goes wrong with the file costs time, nothing else.
 */
export async function keptSummaries({ database, settings, now, today }: Surrounding, env: Readonly<Record<string, string | undefined>>): Promise<KeptSummaries> {
  const folder = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'onboard', 'status')
  const version = await readFile(join(packageRoot, 'package.json'), 'utf8')
  const file = join(folder, `${createHash('sha256').update(JSON.stringify([database, settings, version])).digest('hex').slice(0, 40)}.json`)
  // Waivers end with a day of UTC.
  const day = `${today} ${now.slice(0, 10)}`
  const kept = await readFile(file, 'utf8').then((text) => JSON.parse(text) as { day: string; rows: Record<string, Row> }).catch(() => undefined)
  const before = new Map(kept?.day === day ? Object.entries(kept.rows) : [])
  const after = new Map<string, Row>()
  let changed = false
  return {
    get(id, stamp) {
      const row = before.get(id)
      if (row === undefined || row[0] !== stamp || (row[1] !== null && row[1] <= now)) return undefined
      after.set(id, row)
      return row[2]
    },
    put(id, stamp, summary, until) {
      changed = true
      after.set(id, [stamp, until, summary])
    },
    async save() {
      if (!changed) return
      const temporary = `${file}.${randomBytes(6).toString('hex')}`
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(temporary, JSON.stringify({ day, rows: Object.fromEntries(after) }), { mode: 0o600, flag: 'wx' })
        await rename(temporary, file)
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined)
      }
    },
  }
}

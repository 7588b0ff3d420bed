import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../package.ts'
import type { DatedPhase, LastingLook } from '../onboarding/kept.ts'

/** What looks depend on, besides each onboarding's own stamp. */
export interface Surrounding {
  readonly database: string
  /** The config, and whether the workspace may act. */
  readonly settings: unknown
  /** Instant of the database's clock, and its day where the vendor is. */
  readonly now: string
  readonly today: string
}

/** An onboarding as it was seen, with the phases of the runbook that it pins. */
export interface KeptLook extends LastingLook {
  readonly runbook: string
  readonly phases: readonly DatedPhase[]
}

export interface KeptLooks {
  /** The look at an onboarding that has this stamp still, as long as it holds. */
  get(id: string, stamp: string): KeptLook | undefined
  put(id: string, stamp: string, look: KeptLook): void
  save(): Promise<void>
}

type Row = readonly [stamp: string, seen: string, until: string | null, before: string | null, runbook: string, lasting: LastingLook['lasting']]
interface Content {
  readonly runbooks: Readonly<Record<string, readonly DatedPhase[]>>
  readonly rows: Readonly<Record<string, Row>>
}

/** Says what a file holds: one of another form is another file. */
const FORM = 'what lasts of a look, 1'

/**
 * What lasts of earlier looks, in the cache folder of this user: it is a function of the journal, whose head is a hash, of
 * the inputs and of the config, until an instant or a day that it names. Whatever goes wrong with the file costs time,
 * nothing else.
 */
export async function keptLooks({ database, settings, now, today }: Surrounding, env: Readonly<Record<string, string | undefined>>): Promise<KeptLooks> {
  const folder = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'onboard', 'status')
  const version = await readFile(join(packageRoot, 'package.json'), 'utf8')
  const file = join(folder, `${createHash('sha256').update(JSON.stringify([FORM, database, settings, version])).digest('hex').slice(0, 40)}.json`)
  const kept = await readFile(file, 'utf8').then((text) => JSON.parse(text) as Content).catch(() => undefined)
  const before = kept?.rows ?? {}
  const runbooks = new Map(Object.entries(kept?.runbooks ?? {}))
  /** What was seen now is a text at once: it is much smaller so. */
  const after = new Map<string, Row | string>()
  const used = new Set<string>()
  let changed = false
  return {
    get(id, stamp) {
      const row = Object.hasOwn(before, id) ? before[id] : undefined
      if (row === undefined) return undefined
      const [then, seen, until, day, runbook, lasting] = row
      const phases = runbooks.get(runbook)
      const holds = then === stamp && seen <= now && (until === null || now < until) && (day === null || today < day)
      if (!holds || phases === undefined) return undefined
      after.set(id, row)
      used.add(runbook)
      return { lasting, holds: { until, before: day }, runbook, phases }
    },
    put(id, stamp, { lasting, holds, runbook, phases }) {
      changed = true
      runbooks.set(runbook, phases)
      used.add(runbook)
      const row: Row = [stamp, now, holds.until, holds.before, runbook, lasting]
      after.set(id, JSON.stringify(row))
    },
    async save() {
      if (!changed) return
      const rows = [...after].map(([id, row]) => `${JSON.stringify(id)}:${typeof row === 'string' ? row : JSON.stringify(row)}`)
      const content = `{"runbooks":${JSON.stringify(Object.fromEntries([...runbooks].filter(([runbook]) => used.has(runbook))))},"rows":{${rows.join(',\n')}}}`
      const temporary = `${file}.${randomBytes(6).toString('hex')}`
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(temporary, content, { mode: 0o600, flag: 'wx' })
        await rename(temporary, file)
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined)
      }
    },
  }
}

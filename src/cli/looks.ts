/** Looks at all onboardings: those that are kept in the database, as far as they hold, and new ones at the others. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from 'pg'
import type { Work } from '../engine/ports.ts'
import { keepLooks, keptLooks, stampsOf, type KeptLook, type Moment, type NewLook } from '../journal/looks.ts'
import type { KeptRunbook, Lasting } from '../onboarding/kept.ts'
import { packageRoot } from '../package.ts'
import type { Context } from './context.ts'
import type { Glances } from './glances.ts'

/** Says what a look holds: one of another form is on another ground. */
const FORM = 'what lasts of a look, 6'
/** So many are kept at a time. */
const AT_ONCE = 200
/** A command that writes keeps what stands, and what will stand at so many moments after it. */
const AHEAD = 3

/**
 * Tells of every onboarding of the database, by name; null: nothing.
 * Who has not changed since an earlier look is not looked at.
 */
export async function eachLook<T extends object>(
  context: Context, tell: (id: string, look: KeptLook) => T | null,
): Promise<T[]> {
  const moment = await momentOf(context)
  /** By name; undefined: to be looked at. */
  const told = new Map<string, T | null | undefined>()
  const stamps = new Map<string, string>()
  await context.connected('reader', async (reader) => {
    for await (const { id, stamp, look } of keptLooks(reader, moment)) {
      if (look === null) stamps.set(id, stamp)
      told.set(id, look === null ? undefined : tell(id, look))
    }
  })
  if (stamps.size > 0) {
    const known = new Set([...told.keys()].filter((id) => !stamps.has(id)))
    const keeping = keeper(context, moment.ground)
    const { lastingLook } = await import('../onboarding/lasting.ts')
    const looking = lookAtEach(context, { known }, async (work, runbook) => {
      const { id, runbook: { digest } } = work.onboarding
      const look = await lastingLook(work)
      keeping.keep({ ...look, id, digest, stamp: stamps.get(id) ?? '', since: moment.now }, runbook)
      told.set(id, tell(id, { lasting: look.lasting, digest, runbook }))
    })
    // What was looked at before one that cannot be is kept all the same.
    await looking.finally(() => keeping.end())
  }
  return [...told.values()].filter((one) => one !== null && one !== undefined)
}

/**
 * Ids of those in which no step waits for a person, is ready, is passed over, or is blocked by something that a person
 * could mend.
 */
export async function idleOnes(context: Context): Promise<ReadonlySet<string>> {
  const moment = await momentOf(context)
  const idle = new Set<string>()
  await context.connected('reader', async (reader) => {
    for await (const { id, look } of keptLooks(reader, moment)) if (look !== null && isIdle(look.lasting)) idle.add(id)
  })
  return idle
}

function isIdle({ waiting, open, waived }: Lasting): boolean {
  return waiting.length + open.length + waived.length === 0
}

/**
 * Keeps looks at these onboardings as they stand now, and as they will stand: who tells of all of them need not look
 * then. All of it goes over one connection.
 */
export async function lookAhead(context: Context, ids: readonly string[]): Promise<void> {
  const [{ lastingLooks }, { sharedConnections }] = await Promise.all([
    import('../onboarding/lasting.ts'), import('./shared-database.ts'),
  ])
  const ground = await groundOf(context)
  const shared = sharedConnections(await context.database())
  try {
    const client = await shared.connect('app')
    // Before the journals are read: what is appended meanwhile makes it another's.
    const stamps = await stampsOf(client, ids)
    const looks: NewLook[] = []
    const runbooks: Record<string, KeptRunbook> = {}
    const which = { only: [...stamps.keys()], database: { ...shared, connect: async () => client } }
    await lookAtEach(context, which, async (work, runbook) => {
      const { id, runbook: { digest } } = work.onboarding
      const stamp = stamps.get(id) ?? ''
      runbooks[digest] = runbook
      for (const look of await lastingLooks(work, AHEAD)) looks.push({ ...look, id, digest, stamp })
    })
    if (looks.length > 0) await keepLooks(client, ground, looks, runbooks)
  } finally {
    await shared.close()
  }
}

async function lookAtEach(
  context: Context, which: Glances, look: (work: Work, runbook: KeptRunbook) => Promise<void>,
): Promise<void> {
  const { keptRunbook } = await import('../onboarding/kept.ts')
  const runbooks = new Map<string, KeptRunbook>()
  const looks = context.glances(async (work) => {
    const { digest } = work.onboarding.runbook
    const runbook = runbooks.get(digest) ?? keptRunbook(work.runbook)
    runbooks.set(digest, runbook)
    await look(work, runbook)
  }, which)
  for await (const _one of looks) { /* each is told as it is seen */ }
}

interface Keeping {
  keep(look: NewLook, runbook: KeptRunbook): void
  /** Resolves when all are kept, or it has turned out that none can be. */
  end(): Promise<void>
}

/** Keeps looks, some at a time, while others are made. Where the database takes none, it goes without. */
function keeper(context: Context, ground: string): Keeping {
  let looks: NewLook[] = []
  let runbooks: Record<string, KeptRunbook> = {}
  let client: Promise<Client> | undefined
  let kept: Promise<void> = Promise.resolve()
  const flush = (): void => {
    const [some, theirs] = [looks, runbooks]
    ;[looks, runbooks] = [[], {}]
    kept = kept.then(async () => {
      client ??= context.database().then((database) => database.connect('app'))
      await keepLooks(await client, ground, some, theirs)
    })
    kept.catch(() => undefined)
  }
  return {
    keep(look, runbook) {
      looks.push(look)
      runbooks[look.digest] = runbook
      if (looks.length >= AT_ONCE) flush()
    },
    async end() {
      if (looks.length > 0) flush()
      await kept.catch((error: unknown) => context.wentWithout('Looks were not kept', error))
      await (await client?.catch(() => undefined))?.end()
    },
  }
}

/** The day and instant of the database's clock, and what looks stand on. */
async function momentOf(context: Context): Promise<Moment> {
  return { ground: await groundOf(context), now: await context.now(), today: await context.today() }
}

/** What looks stand on: the config, whether the workspace may act, and this version. */
async function groundOf(context: Context): Promise<string> {
  const [config, distrust] = [await context.config(), await context.distrust()]
  const version = await readFile(join(packageRoot, 'package.json'), 'utf8')
  return createHash('sha256').update(JSON.stringify([FORM, config, distrust, version])).digest('hex')
}

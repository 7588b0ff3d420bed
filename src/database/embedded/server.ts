import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { codeOf, connectClient } from '../client.ts'
import { OnboardError } from '../../errors.ts'
import { endpoint } from './endpoint.ts'
import { makeHome, serverUser, unusable, type Home } from './home.ts'
import { cannotRun, initialise } from './initdb.ts'
import { launchKeeper, launchServer } from './launch.ts'
import { KEPT } from './keeping.ts'
import { programs } from './programs.ts'

export interface Login {
  readonly user: string
  readonly database: string
  readonly application_name?: string
}

const PATIENCE_MS = 60_000
/** Who has the data answers by then, or has ended. */
const OCCUPIED_MS = 15_000
/** Starts that may fail before we say so: one more keeper or command may have been ending the server just then. */
const ATTEMPTS = 4

const NOT_UP = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03', '57P01'])
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const isNotUp = (error: unknown): boolean =>
  NOT_UP.has(codeOf(error) ?? '') || /Connection terminated/.test((error as Error).message)

/** Connects to a server that runs already; undefined: none does. Starts nothing. */
export async function connectRunning(home: Home, login: Login): Promise<pg.Client | undefined> {
  try {
    return await connectClient({ ...endpoint(home), ...login })
  } catch (error) {
    if (isNotUp(error)) return undefined
    throw error
  }
}

/**
 * Connects to the embedded server, starting it (on first use making its data) where it does not run, and sees to it
 * that a keeper watches it. Any number of processes may do so at once.
 * @param isKept a keeper was seen at work a moment ago: it need not be looked for
 * @throws OnboardError unreachable where it cannot run here; the server's own errors as they are (3D000, 28000).
 */
export async function connectEmbedded(home: Home, login: Login, isKept = false): Promise<pg.Client> {
  const begun = performance.now()
  const start = new Start(home)
  for (;;) {
    const client = await attempt(home, login)
    if (client instanceof Error) {
      const coming = codeOf(client) === '57P03' // starting, perhaps with much to recover; or ending
      const waited = performance.now() - begun
      if (waited > PATIENCE_MS || (!coming && waited > OCCUPIED_MS && occupied(home))) throw start.silent(client)
      if (!coming) await start.again()
      await pause(10)
      continue
    }
    if (!start.begun && !isKept) await adopt(home, client)
    return client
  }
}

async function attempt(home: Home, login: Login): Promise<pg.Client | Error> {
  try {
    return await connectClient({ ...endpoint(home), ...login })
  } catch (error) {
    if (isNotUp(error)) return error as Error
    throw error
  }
}

/** A server whose keeper was killed gets a new one. */
async function adopt(home: Home, client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ kept: boolean }>(`SELECT ${KEPT} AS kept`)
  if (rows[0]?.kept) return
  const user = serverUser(home)
  launchKeeper(home, programs(home, user), user)
}

/** One process's part in starting the server: keeper first, so that no server is without one if we are killed. */
class Start {
  readonly #home: Home
  #server: ChildProcess | undefined
  #failed: Error | undefined
  #launches = 0
  #waitUntil = 0

  constructor(home: Home) {
    this.#home = home
  }

  get begun(): boolean {
    return this.#launches > 0
  }

  async again(): Promise<void> {
    if (this.#failed) throw this.#failed
    if (this.#server && this.#server.exitCode === null && this.#server.signalCode === null) return
    // Another's may be coming up or ending.
    if (this.#server && this.#waitUntil === 0) this.#waitUntil = Date.now() + 500
    if (Date.now() < this.#waitUntil) return
    this.#waitUntil = 0
    if (this.#launches >= ATTEMPTS && !occupied(this.#home)) throw this.#refused()
    await this.#launch()
  }

  async #launch(): Promise<void> {
    const home = this.#home
    const user = serverUser(home)
    makeHome(home, user)
    const owner = serverUser(home)
    const native = programs(home, owner)
    await initialise(home, native, owner)
    launchKeeper(home, native, owner)
    this.#server = launchServer(home, native, owner)
    this.#server.once('error', (error: NodeJS.ErrnoException) => (this.#failed = cannotRun(home, error)))
    this.#launches++
  }

  silent(cause: Error): OnboardError {
    const home = this.#home
    if (!occupied(home)) return unusable(home, `its server does not answer (see ${home.log})`, cause)
    // A killed server's number may be another program's by now. Only a person can tell, where a disk is shared.
    return unusable(
      home,
      `its server does not answer, and ${path.join(home.data, 'postmaster.pid')} says that it runs; ` +
        'if the process of that number is no PostgreSQL, here or in another container, remove that file',
      cause,
    )
  }

  #refused(): OnboardError {
    return unusable(this.#home, `its server does not start: ${lastWords(this.#home)} (see ${this.#home.log})`)
  }
}

/** Did the last start fail only because another server has the data? It will answer, or end and make room. */
const occupied = (home: Home): boolean => /"postmaster\.pid" already exists|still in use/.test(lastWords(home))

function lastWords(home: Home): string {
  try {
    const lines = fs.readFileSync(home.log, 'utf8').trimEnd().split('\n').slice(-20)
    const last = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? ''
    return last.replace(/^.*?(FATAL|PANIC):\s*/, '')
  } catch {
    return 'it left no log'
  }
}

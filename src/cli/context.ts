import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Client } from 'pg'
import { messageOf, OnboardError } from '../errors.ts'
import type { Actor } from '../model.ts'
import type { ActionCatalogue } from '../actions/catalogue.ts'
import type { Secret } from '../contract.ts'
import type { RunEvent, SecretSink, Work } from '../engine/ports.ts'
import type { Database, DatabaseTarget } from '../database/open.ts'
import type { Found } from '../journal/find.ts'
import type { Config } from '../onboarding/config.ts'
import type { Ingredients } from './assemble.ts'
import { glance, glances, type Glances, type Ground } from './glances.ts'
import type { Io } from './output.ts'
import { outsideOf } from './outside.ts'
import type { PinnedTrust } from './pinned.ts'
import { vaultOf } from './vault.ts'
import type { Workspace } from './workspace.ts'

/** What a person chose by flags. */
export interface Choice {
  readonly workspace?: string | undefined
  readonly databaseUrl?: string | undefined
  readonly secretsOut?: string | undefined
  /** Digest under which the workspace is trusted for this command. */
  readonly trust?: string | undefined
}

/** What every result says of where it comes from. */
export interface About {
  readonly database?: string
  /** Present only where the clock is simulated. */
  readonly clock?: { readonly now: string; readonly simulated: true }
}

interface Wishes {
  readonly secrets?: SecretSink
  readonly emit?: (event: RunEvent) => void
  /** Secrets given with the command, by name: `client_secret`. */
  readonly given?: ReadonlyMap<string, Secret>
  /** true: of a cancelled onboarding as well, which others are refused. */
  readonly cancelled?: boolean
}
type Closing = { close(): Promise<void> }

/** Of more than so many that one command writes to no looks are kept. */
const MANY_WRITTEN = 50

/**
 * The wiring of one command: each part is made when it is first asked for, and its code is loaded then, so that a
 * command pays for what it uses and for nothing else.
 */
export class Context {
  readonly io: Io
  readonly choice: Choice
  #workspace: Promise<Workspace> | undefined
  #database: Promise<Database> | undefined
  #catalogue: Promise<ActionCatalogue> | undefined
  #distrust: Promise<string | null> | undefined
  #about: About = {}
  #now = ''
  #timeZone = 'UTC'
  #closing: Closing[] = []

  constructor(io: Io, choice: Choice) {
    this.io = io
    this.choice = choice
  }

  /** The folder with onboard.config.yaml, here or above, or the defaults where there is none. */
  workspace(): Promise<Workspace> {
    return (this.#workspace ??= this.#findWorkspace())
  }

  async config(): Promise<Config> {
    return (await this.workspace()).config
  }

  /** Which database it is, by flag, environment and config (design §6); not connected to. */
  async target(): Promise<DatabaseTarget> {
    const { resolveTarget } = await import('../database/target.ts')
    const { database } = await this.config()
    // What the person said is theirs; what the config names is the workspace's.
    const named = typeof database === 'object' && !this.choice.databaseUrl && !this.io.env['ONBOARD_DATABASE_URL']
    if (named) await this.mustTrust('The database that the config names was not opened')
    return resolveTarget({ flag: this.choice.databaseUrl, env: this.io.env, config: await this.config() })
  }

  /**
   * The database, connected to when first used. Who only reads says so: the connection that opens it is then the one
   * that reads.
   */
  database(role: 'app' | 'reader' = 'app'): Promise<Database> {
    return (this.#database ??= this.#openDatabase(role))
  }

  /** Actions shipped with onboard and, before them, those of the workspace where it is trusted. */
  catalogue(): Promise<ActionCatalogue> {
    return (this.#catalogue ??= this.#findActions())
  }

  /** Why the workspace may not act, as the end of a sentence; null where it is trusted. */
  distrust(): Promise<string | null> {
    return (this.#distrust ??= this.#findDistrust())
  }

  /** Throws forbidden where the workspace is not trusted; `what` did not happen then. */
  async mustTrust(what: string): Promise<void> {
    const why = await this.distrust()
    if (why === null) return
    const message = `${what}: ${why}. Look at what it brings, then trust it.`
    throw new OnboardError('forbidden', 'untrusted', message, { suggestions: ['onboard trust'] })
  }

  /** Who acts: the operating system's user, or what a CI says; ONBOARD_ACTOR="Name <mail>" overrides the label. */
  async actor(): Promise<Actor> {
    const { actorFrom } = await import('./actor.ts')
    return actorFrom(this.io.env)
  }

  /** The database's clock when it was opened, ISO 8601. */
  async now(): Promise<string> {
    await this.database()
    return this.#now
  }

  /** The day of the database's clock in the workspace's time zone, `YYYY-MM-DD`. */
  async today(): Promise<string> {
    const { dateIn } = await import('../onboarding/calendar.ts')
    return dateIn(await this.now(), (await this.config()).time_zone)
  }

  /**
   * One onboarding with all that advances it; closed with the context. Throws usage for a customer that is not there.
   * `secrets` is where new secrets go; without it a run that would issue one is refused.
   */
  async work(customer: string, more: Wishes = {}): Promise<Work> {
    const { assemble, namedOnboarding } = await import('./assemble.ts')
    const { evaluatorOf } = await import('./evaluator.ts')
    const { mustRun, pinnedCatalogue } = await import('./pinned.ts')
    const { pinnedFiles } = await import('../journal/onboardings.ts')
    const { found, pinned } = await this.connected('app', async (client) => {
      const found = await namedOnboarding(client, customer)
      return { found, pinned: await pinnedFiles(client, found.runbook.digest) }
    })
    if (more.cancelled !== true && found.onboarding.cancelled_at) {
      const { refuseCancelled } = await import('../engine/cancelled.ts')
      refuseCancelled(found.onboarding.key, { at: found.onboarding.cancelled_at })
    }
    const [files, trust] = [pinned?.files ?? new Map<string, Uint8Array>(), this.#pinnedTrust(customer)]
    await mustRun(files, trust)
    const catalogue = pinnedCatalogue(async () => files, trust)
    const given = await this.#ingredients(customer, more)
    const template = async (name: string) => (await import('../documents/find.ts')).findTemplates(files)(name)
    const ingredients = { ...given, catalogue, outside: { ...given.outside, template } }
    const work = assemble(found, await evaluatorOf(found.runbook, catalogue), ingredients)
    this.closeLater(work)
    return work
  }

  /** The files that an onboarding has pinned, by path. */
  async pinnedFiles(customer: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const { namedOnboarding } = await import('./assemble.ts')
    const { pinnedFiles } = await import('../journal/onboardings.ts')
    return this.connected('reader', async (client) => {
      const { onboarding } = await namedOnboarding(client, customer)
      return (await pinnedFiles(client, onboarding.runbook.digest))?.files ?? new Map<string, Uint8Array>()
    })
  }

  /** A look at one onboarding that may need no expression, and then loads nothing that evaluates any. */
  glance<T>(customer: string, look: (work: Work) => Promise<T>): Promise<T> {
    return glance(this.#ground(), customer, look)
  }

  /** A look at every onboarding of the database, in the order of their keys. */
  glances<T>(look: (work: Work) => Promise<T>, how?: Glances): AsyncGenerator<T> {
    return glances(this.#ground(), look, how)
  }

  /** Does something on a connection of its own. */
  async connected<T>(role: 'app' | 'reader' | 'owner', work: (client: Client) => Promise<T>): Promise<T> {
    const client = await (await this.database(role === 'reader' ? 'reader' : 'app')).connect(role)
    return work(client).finally(() => client.end())
  }

  /**
   * Keeps looks at the onboardings that were written to; where that fails, or they are many, the next look costs more.
   * A process of many commands does it once, at its end.
   */
  async keepLooks(): Promise<void> {
    if (this.#database === undefined) return
    const { takeAppended } = await import('../journal/appended.ts')
    const ids = takeAppended()
    if (ids.length === 0 || ids.length > MANY_WRITTEN) return
    const { lookAhead } = await import('./looks.ts')
    await lookAhead(this, ids).catch((error: unknown) => this.wentWithout('No look was kept', error))
  }

  /** What the command did without, and why: nobody need know, but whoever looks for what is wrong. */
  wentWithout(what: string, error: unknown): void {
    if (this.io.env['ONBOARD_DEBUG']) this.io.stderr.write(`${what}: ${messageOf(error)}\n`)
  }

  /** Has something closed when the command ends. */
  closeLater(closing: Closing): void {
    this.#closing.unshift(closing)
  }

  /** The network, the postbox and the workspace's files; what they open is closed with the context. */
  async outside(): Promise<ReturnType<typeof outsideOf>> {
    return outsideOf(await this.config(), {
      env: this.io.env,
      cwd: this.io.cwd,
      dir: async () => (await this.workspace()).dir,
      distrust: () => this.distrust(),
      mustTrust: (what) => this.mustTrust(what),
      closeLater: (closing) => this.closeLater(closing),
    })
  }

  /** A path as typed → absolute, from where the command was typed. */
  path(given: string): string {
    if (given === '') {
      const message = 'The name of a file or folder is empty here: is a variable of your shell not set?'
      throw new OnboardError('usage', 'empty-path', message)
    }
    return resolve(this.io.cwd, given)
  }

  /** In which times are shown: the workspace's, once that is known. */
  timeZone(): string {
    return this.#timeZone
  }

  about(): About {
    return this.#about
  }

  /** The command itself has moved the simulated clock. */
  clockMoved(now: string): void {
    this.#now = now
    this.#about = { ...this.#about, clock: { now, simulated: true } }
  }

  /** What printed commands must repeat to work as typed. */
  chosen(): { workspace?: string; databaseUrl?: string } {
    const { workspace, databaseUrl } = this.choice
    return { ...(workspace === undefined ? {} : { workspace }), ...(databaseUrl === undefined ? {} : { databaseUrl }) }
  }

  /** Text of a file that a diagnostic names, for its code frame; undefined where it is not to be read. */
  readonly sourceOf = (file: string): string | undefined => {
    try {
      const bytes = readFileSync(this.path(file))
      return bytes.length > 1_000_000 ? undefined : bytes.toString('utf8')
    } catch {
      return undefined
    }
  }

  async close(): Promise<void> {
    for (const one of this.#closing.splice(0)) await one.close()
    const opened = await this.#database?.catch(() => undefined)
    await opened?.close()
  }

  #ground(): Ground {
    return {
      database: () => this.database('reader'),
      ingredients: (customer) => this.#ingredients(customer, {}),
      pinnedActions: (reader, found) => this.#pinnedActions(reader, found),
      closeLater: (closing) => this.closeLater(closing),
      counter: async () => (await import('./views/counter.ts')).createCounter(this.io, 'Onboardings looked at'),
    }
  }

  async #ingredients(customer: string, { secrets, emit, given }: Wishes): Promise<Omit<Ingredients, 'catalogue'>> {
    const [{ noPlaceForSecrets }, { createProduct }] = await Promise.all([
      import('../adapters/secrets.ts'), import('../product/open.ts'),
    ])
    const config = await this.config()
    return {
      config,
      exec: async (program) => {
        await this.mustTrust(`${program.argv[0] ?? 'A program'} was not run`)
        return (await import('../adapters/exec.ts')).exec(program)
      },
      outside: {
        ...(await this.outside()),
        vault: vaultOf(this, given ?? new Map()),
      },
      database: await this.database(),
      product: createProduct(config.product),
      actor: await this.actor(),
      now: await this.now(),
      secrets: secrets ?? noPlaceForSecrets(`onboard apply ${customer}`),
      emit: emit ?? (() => undefined),
    }
  }

  async #findActions(): Promise<ActionCatalogue> {
    const { actionsAt } = await import('./actions.ts')
    const { distrustActions } = await import('./trust.ts')
    const { dir } = await this.workspace()
    return actionsAt(dir, () => distrustActions(dir, this.choice.trust ?? this.io.env['ONBOARD_TRUST'], this.io.env))
  }

  /** The very actions that an onboarding has pinned, read when the first of them is asked for. */
  async #pinnedActions(client: Client, { onboarding }: Found): Promise<ActionCatalogue> {
    const { pinnedCatalogue } = await import('./pinned.ts')
    const code = async () => {
      const { pinnedFiles } = await import('../journal/onboardings.ts')
      return (await pinnedFiles(client, onboarding.runbook.digest, 'actions/'))?.files ?? new Map<string, Uint8Array>()
    }
    return pinnedCatalogue(code, this.#pinnedTrust(onboarding.key))
  }

  #pinnedTrust(customer: string): PinnedTrust {
    const given = this.choice.trust ?? this.io.env['ONBOARD_TRUST']
    return {
      customer,
      distrust: async (digest) => {
        const { distrust, distrustCode, workspaceContent } = await import('./trust.ts')
        const why = await distrustCode(digest, given, this.io.env)
        const { dir } = await this.workspace()
        if (why === null || dir === null || (await workspaceContent(dir)).code !== digest) return why
        return distrust(dir, given, this.io.env) // they are those of this workspace
      },
      others: () => this.catalogue(),
      closeLater: (closing) => this.closeLater(closing),
    }
  }

  async #findDistrust(): Promise<string | null> {
    const { distrust } = await import('./trust.ts')
    return distrust((await this.workspace()).dir, this.choice.trust ?? this.io.env['ONBOARD_TRUST'], this.io.env)
  }

  async #findWorkspace(): Promise<Workspace> {
    const { findWorkspace } = await import('./workspace.ts')
    const found = await findWorkspace(this.path(this.choice.workspace ?? '.'), this.io.cwd)
    this.#timeZone = found.config.time_zone
    return found
  }

  async #openDatabase(role: 'app' | 'reader'): Promise<Database> {
    const { openDatabase } = await import('../database/open.ts')
    const database = await openDatabase(await this.target(), { env: this.io.env, role })
    const { now, simulated } = await database.clock()
    this.#now = now
    this.#about = { database: database.label, ...(simulated ? { clock: { now, simulated } } : {}) }
    return database
  }
}

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Actor } from '../model.ts'
import type { Catalogue } from '../engine/ports.ts'
import type { Database } from '../database/open.ts'
import type { Config } from '../onboarding/config.ts'
import type { Io } from './output.ts'
import type { Workspace } from './workspace.ts'

/** What a person chose by flags. */
export interface Choice {
  readonly workspace?: string | undefined
  readonly databaseUrl?: string | undefined
  readonly secretsOut?: string | undefined
}

/** What every result says of where it comes from. */
export interface About {
  readonly database?: string
  /** Present only where the clock is simulated. */
  readonly clock?: { readonly now: string; readonly simulated: true }
}

/**
 * The wiring of one command: each part is made when it is first asked for, and its code is loaded then, so that a
 * command pays for what it uses and for nothing else.
 */
export class Context {
  readonly io: Io
  readonly choice: Choice
  #workspace: Promise<Workspace> | undefined
  #database: Promise<Database> | undefined
  #catalogue: Promise<Catalogue> | undefined
  #about: About = {}

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

  /** The database by flag, environment and config (design §6), connected to when first used. */
  database(): Promise<Database> {
    return (this.#database ??= this.#openDatabase())
  }

  /** Actions shipped with onboard. */
  catalogue(): Promise<Catalogue> {
    return (this.#catalogue ??= import('../actions/catalogue.ts').then(({ createCatalogue }) => createCatalogue()))
  }

  /** Who acts: the operating system's user, or what a CI says; ONBOARD_ACTOR="Name <mail>" overrides the label. */
  async actor(): Promise<Actor> {
    const { actorFrom } = await import('./actor.ts')
    return actorFrom(this.io.env)
  }

  /** A path as typed → absolute, from where the command was typed. */
  path(given: string): string {
    return resolve(this.io.cwd, given)
  }

  about(): About {
    return this.#about
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
    const opened = await this.#database?.catch(() => undefined)
    await opened?.close()
  }

  async #findWorkspace(): Promise<Workspace> {
    const { findWorkspace } = await import('./workspace.ts')
    return findWorkspace(this.path(this.choice.workspace ?? '.'))
  }

  async #openDatabase(): Promise<Database> {
    const { openDatabase, resolveTarget } = await import('../database/open.ts')
    const target = resolveTarget({ flag: this.choice.databaseUrl, env: this.io.env, config: (await this.config()).database })
    const database = await openDatabase(target)
    const { now, simulated } = await database.clock()
    this.#about = { database: database.label, ...(simulated ? { clock: { now, simulated } } : {}) }
    return database
  }
}

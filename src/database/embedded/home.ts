import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { OnboardError } from '../../errors.ts'

/** Major version of the embedded PostgreSQL; each has folders of its own, because data files differ between majors. */
export const MAJOR = 18

/** Login of the server's own upkeep: creating roles and databases, stopping. Commands never work as it. */
export const SUPERUSER = 'postgres'

/** Where one embedded server lives. */
export interface Home {
  /** ONBOARD_HOME or its default. */
  readonly base: string
  /** Private folder of this major version: socket, log, data. */
  readonly dir: string
  readonly data: string
  readonly log: string
  /** Folder of the socket. */
  readonly socket: string
  /** Where the keeper puts the socket while it decides to stop, so that nobody new comes in. */
  readonly shut: string
  /** Seconds without a connection after which the server ends: ONBOARD_EMBEDDED_IDLE_SECONDS, else 10. */
  readonly idleSeconds: number
}

const IDLE_SECONDS = 10

type Env = Readonly<Record<string, string | undefined>>

/** The longest path a socket may have: the kernel's sun_path less its closing zero. */
const SOCKET_PATH_LIMIT = process.platform === 'darwin' ? 103 : 107
export const SOCKET_NAME = '.s.PGSQL.5432'

/** true: this process is root, as whom PostgreSQL refuses to run. */
export const isRoot = (): boolean => process.getuid?.() === 0

function defaultBase(env: Env): string {
  if (process.platform === 'win32') {
    return path.join(env['LOCALAPPDATA'] || path.join(os.homedir(), 'AppData', 'Local'), 'onboard')
  }
  // Root's own home is closed to the unprivileged user that the server has to run as.
  if (isRoot()) return '/var/lib/onboard'
  return path.join(env['XDG_DATA_HOME'] || path.join(env['HOME'] || os.homedir(), '.local', 'share'), 'onboard')
}

/**
 * The embedded server's folders. Touches no file.
 * @throws OnboardError invalid `socket-path-too-long` where the socket's path exceeds what the system takes.
 */
export function embeddedHome(env: Env): Home {
  const base = path.resolve(env['ONBOARD_HOME'] || defaultBase(env))
  const dir = path.join(base, `pg${MAJOR}`)
  const socket = path.join(dir, 's')
  const longest = Buffer.byteLength(path.join(socket, SOCKET_NAME))
  if (process.platform !== 'win32' && longest > SOCKET_PATH_LIMIT) {
    throw new OnboardError(
      'invalid',
      'socket-path-too-long',
      `The path of the embedded database's socket has ${longest} bytes, and the system takes ${SOCKET_PATH_LIMIT}: ` +
        `${base} is too long for ONBOARD_HOME.`,
      { suggestions: ['export ONBOARD_HOME=/var/tmp/onboard', 'export ONBOARD_DATABASE_URL=postgres://USER@HOST/DB'] },
    )
  }
  return {
    base,
    dir,
    data: path.join(dir, 'data'),
    log: path.join(dir, 'server.log'),
    socket,
    shut: path.join(dir, 'x'),
    idleSeconds: idleSeconds(env['ONBOARD_EMBEDDED_IDLE_SECONDS']),
  }
}

function idleSeconds(given: string | undefined): number {
  const seconds = Number(given || IDLE_SECONDS)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : IDLE_SECONDS
}

/** Whom the server runs as; null: as this process. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null

/** As root: the owner of a folder that is there already, else `nobody`, whom initdb can look up everywhere. */
export function serverUser(home: Home): ServerUser {
  if (!isRoot()) return null
  const there = fs.statSync(home.dir, { throwIfNoEntry: false })
  if (there && there.uid !== 0) return { uid: there.uid, gid: there.gid }
  const [, , uid, gid] = read('/etc/passwd')?.match(/^nobody:[^\n]*/m)?.[0].split(':') ?? []
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) }
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** May this user pass through the folder and all above it? */
export function reachable(folder: string, user: ServerUser): boolean {
  if (!user) return true
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const { mode, uid, gid } = fs.statSync(at)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if (!(mode & bit)) return false
    if (at === path.dirname(at)) return true
  }
}

/**
 * Makes the folders, private to the server's user.
 * @throws OnboardError unreachable where they cannot be made, used or reached.
 */
export function makeHome(home: Home, user: ServerUser): void {
  try {
    fs.mkdirSync(home.base, { recursive: true, mode: user ? 0o755 : 0o700 })
    if (user) letThrough(home.base)
    for (const dir of [home.dir, home.socket, home.shut]) makePrivate(dir, user)
  } catch (cause) {
    if (cause instanceof OnboardError) throw cause
    throw unusable(home, (cause as Error).message, cause)
  }
  if (!reachable(home.base, user)) {
    throw unusable(
      home,
      `run by root, the server works as user ${user?.uid}, who may not pass through that folder or one above it`,
    )
  }
}

/** What was kept in our folder before the first database, such as trust, may have made it for root alone. */
function letThrough(base: string): void {
  const stat = fs.lstatSync(base)
  const isClosed = (stat.mode & 0o001) === 0
  if (stat.isDirectory() && stat.uid === process.getuid?.() && isClosed) {
    fs.chmodSync(base, (stat.mode & 0o7777) | 0o011)
  }
}

function makePrivate(dir: string, user: ServerUser): void {
  try {
    fs.mkdirSync(dir, { mode: 0o700 })
    if (user) fs.chownSync(dir, user.uid, user.gid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (process.platform === 'win32') return
  const stat = fs.lstatSync(dir)
  const owner = user?.uid ?? process.getuid?.()
  if (!stat.isDirectory()) throw new Error(`${dir} is not a folder`)
  if (stat.uid === 0 && user) fs.chownSync(dir, user.uid, user.gid) // killed between the two calls above
  else if (stat.uid !== owner) throw new Error(`${dir} belongs to user ${stat.uid}, not to ${owner}`)
  if (stat.mode & 0o077) fs.chmodSync(dir, 0o700)
}

/** The embedded database cannot work in its folder; the way out is another folder or a server of the user's. */
export function unusable(home: Home, why: string, cause?: unknown): OnboardError {
  return new OnboardError(
    'unreachable',
    'embedded-unusable',
    `The embedded database cannot be used in ${home.base}: ${why}.`,
    {
      suggestions: ['export ONBOARD_HOME=FOLDER', 'export ONBOARD_DATABASE_URL=postgres://USER@HOST/DB'],
      cause,
    },
  )
}

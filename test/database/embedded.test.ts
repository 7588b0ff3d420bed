/** The embedded server as processes see it, in a home of its own that every test leaves without a server. */
import { execFile, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectRunning } from '../../src/database/embedded/server.ts'
import { stopEmbedded } from '../../src/database/embedded/stop.ts'
import { embeddedHome, SUPERUSER, type Home } from '../../src/database/embedded/home.ts'

const run = promisify(execFile)
const SCRIPT = path.resolve(import.meta.dirname, '../support/use-embedded.ts')
const isRoot = process.getuid?.() === 0
let env: NodeJS.ProcessEnv
let home: Home

function freshHome(idleSeconds: string): NodeJS.ProcessEnv {
  const base = fs.mkdtempSync('/tmp/onboard-test-e')
  fs.chmodSync(base, 0o755)
  return { ...process.env, ONBOARD_HOME: base, ONBOARD_EMBEDDED_IDLE_SECONDS: idleSeconds }
}

const gone = (which = home): Promise<void> => until(() => !isUp(which) && keepers(which).length === 0, 20)
const remove = ({ base }: Home): void => fs.rmSync(base, { recursive: true, force: true, maxRetries: 5 })

beforeAll(() => {
  env = freshHome('0.3')
  home = embeddedHome(env)
})
afterEach(() => gone())
afterAll(() => remove(home))

/** Runs the script: opens the embedded database `default`, prints what it got, and ends. */
async function use(environment = env) {
  const { stdout } = await run(process.execPath, [SCRIPT, 'end'], { env: environment })
  return JSON.parse(stdout) as { label: string; started: string }
}

/** The same, but it stays connected. */
function hold() {
  const child = spawn(process.execPath, [SCRIPT, 'hold'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise<{ child: typeof child; started: string }>((resolve) =>
    child.stdout.once('data', (line) => resolve({ child, started: JSON.parse(String(line)).started })),
  )
}

const pidFile = (which = home): string => path.join(which.data, 'postmaster.pid')
const isUp = (which = home): boolean => fs.existsSync(pidFile(which))

async function until(what: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await what())) {
    if (Date.now() > end) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Process ids whose command line names the home's keeper. Linux only. */
function keepers(which = home): number[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return line.includes('keeper.ts') && line.includes(`"${which.base}"`)
    } catch {
      return false
    }
  })
}

describe.runIf(process.platform === 'linux')('the embedded server', () => {
  test('serves eight first uses at once with one server, on a private socket and no TCP port', async () => {
    const patient = freshHome('30')
    const own = embeddedHome(patient)
    const used = await Promise.all(Array.from({ length: 8 }, () => use(patient)))
    expect(new Set(used.map(({ started }) => started)).size).toBe(1)
    expect(fs.readdirSync(own.dir).filter((name) => name.startsWith('data'))).toEqual(['data'])
    expect(fs.statSync(own.dir).mode & 0o077).toBe(0)
    const client = await connectRunning(own, { user: SUPERUSER, database: 'postgres' })
    const { rows } = await client!.query(
      `SELECT current_setting('listen_addresses') AS tcp, current_setting('fsync') AS fsync, current_setting('jit') AS jit`,
    )
    await client!.end()
    expect(rows).toEqual([{ tcp: '', fsync: 'on', jit: 'off' }])
    expect(await stopEmbedded(own, true)).toBe(true)
    await gone(own)
    remove(own)
  })

  test('survives SIGKILL of a command, serves the others, and goes when idle', async () => {
    const first = await hold()
    const second = await hold()
    first.child.kill('SIGKILL')
    expect((await use()).started).toBe(first.started)
    second.child.kill('SIGKILL')
    await until(() => !isUp())
    expect(fs.readdirSync(home.socket)).toEqual([])
    expect((await use()).started).not.toBe(first.started)
  })

  test('stays while somebody is connected', async () => {
    const { child } = await hold()
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(isUp()).toBe(true)
    child.kill('SIGKILL')
  })

  test('is adopted by the next command when its keeper was killed', async () => {
    const { child, started } = await hold()
    await until(() => keepers().length === 1)
    const [keeper] = keepers()
    process.kill(keeper!, 'SIGKILL')
    child.kill('SIGKILL')
    await until(() => keepers().length === 0)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(isUp()).toBe(true)
    expect((await use()).started).toBe(started)
    await until(() => !isUp())
  })

  test('is found again when its keeper was killed with the door shut', async () => {
    const { child, started } = await hold()
    await until(() => keepers().length === 1)
    process.kill(keepers()[0]!, 'SIGKILL')
    fs.renameSync(path.join(home.socket, '.s.PGSQL.5432'), path.join(home.shut, '.s.PGSQL.5432'))
    expect((await use()).started).toBe(started)
    child.kill('SIGKILL')
  })

  test('never signals a process because its id stands in a file', async () => {
    await use()
    await until(() => !isUp())
    const bystander = spawn('sleep', ['60'], isRoot ? { uid: 65534, gid: 65534 } : {})
    fs.writeFileSync(pidFile(), `${bystander.pid}\n${home.data}\n1\n5432\n${home.socket}\n\n0 0\nready\n`)
    await Promise.race([use().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1500))])
    expect(bystander.exitCode ?? bystander.signalCode).toBe(null)
    bystander.kill('SIGKILL')
    fs.rmSync(pidFile(), { force: true })
    await until(async () => (await use().catch(() => undefined)) !== undefined, 30)
  })

  test('survives being killed itself', async () => {
    const { child, started } = await hold()
    process.kill(Number(fs.readFileSync(pidFile(), 'utf8').split('\n')[0]), 'SIGKILL')
    child.kill('SIGKILL')
    expect((await use()).started).not.toBe(started)
  })
})

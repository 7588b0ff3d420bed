import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Secret } from '../../src/contract.ts'
import { connectSuperuser, prepareDatabase } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { createPasswords } from '../../src/product/password.ts'
import { inTurns, median } from './measure.ts'
import type { Place } from './place.ts'
import { limitLine, ratioLine, type Section } from './report.ts'

const PASSWORD = 'correct horse battery'
const LOGINS = 10_000
/** Of these it warms up; what it holds afterwards is compared with what it holds in the end. */
const FIRST = 2_000
const AT_ONCE = 8
/** bcrypt's cost where a login's own cost is measured, and where only their number counts. */
const [REAL, CHEAP] = [12, 4]

/** A password login beside a bare bcrypt comparison, and what the gateway holds after ten thousand of them. */
export async function benchGateway(_place: Place, rounds: number): Promise<Section> {
  const home = embeddedHome(process.env)
  await prepareDatabase(home, 'bench_gateway', { product: true })
  const owner = await connectSuperuser(home, 'bench_gateway')
  const passwords = createPasswords(REAL)
  const hash = await passwords.hash(new Secret(PASSWORD))
  const cheap = await createPasswords(CHEAP).hash(new Secret(PASSWORD))
  await owner.query(`INSERT INTO tenants (name, slug, plan, status) VALUES ('Acme', 'acme', 'enterprise', 'live')`)
  const users = (prefix: string, kept: string, count: number) => owner.query(
    `INSERT INTO users (tenant_id, email, full_name, password_hash)
     SELECT t.id, $1 || n || '@acme.example', 'Somebody', $2 FROM tenants t, generate_series(1, $3::int) n`,
    [prefix, kept, count],
  )
  await users('real', hash, 1)
  await users('cheap', cheap, AT_ONCE)

  const costly = await startGateway('bench_gateway', REAL)
  const person = await someone(costly.origin)
  const times = await inTurns([
    { name: 'login', run: () => person('real1@acme.example') },
    { name: 'bcrypt', run: async () => mustBe(await passwords.matches(new Secret(PASSWORD), hash)) },
  ], rounds, 2)
  await costly.end()

  const gateway = await startGateway('bench_gateway', CHEAP)
  const people = await Promise.all(Array.from({ length: AT_ONCE }, () => someone(gateway.origin)))
  const logins = (count: number) => Promise.all(people.map(async (login, n) => {
    for (let done = 0; done < count / AT_ONCE; done++) await login(`cheap${n + 1}@acme.example`)
  }))
  await logins(FIRST)
  const before = await gateway.held()
  const begun = performance.now()
  await logins(LOGINS - FIRST)
  const seconds = (performance.now() - begun) / 1000
  const after = await gateway.held()
  await gateway.end()
  const { rows: [row] } = await owner.query<{ count: number }>('SELECT count(*)::int AS count FROM sessions')
  mustBe(row?.count === LOGINS + rounds + 2)
  await owner.end()
  const of = (name: string): number => median(times.get(name) ?? [])
  const more = `what it holds more after ${LOGINS} logins than after ${FIRST}`
  return {
    title: 'Gateway: signing in by password',
    lines: [
      ratioLine(`a login over HTTP at bcrypt cost ${REAL}`, of('login'), 'bare bcrypt compare', of('bcrypt'), 1.2),
      {
        ...limitLine(more, (after - before) / 2 ** 20, 5, 'MiB'),
        note: `${(after / 2 ** 20).toFixed(0)} MiB in the end; `
          + `${((LOGINS - FIRST) / seconds).toFixed(0)} logins/s at bcrypt cost ${CHEAP}`,
      },
    ],
  }
}

async function startGateway(database: string, cost: number) {
  const program = join(import.meta.dirname, 'gateway-child.ts')
  const child = spawn(process.execPath, ['--expose-gc', program, database, String(cost)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const said = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the gateway has ended')
    return JSON.parse(value) as T
  }
  const { origin } = await said<{ origin: string }>()
  return {
    origin,
    async held(): Promise<number> {
      child.stdin.write('\n')
      return (await said<{ held: number }>()).held
    },
    end: () => new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.stdin.end()
    }),
  }
}

/** A browser that has the page open, and what it does to sign in with the password that everybody here has. */
async function someone(origin: string): Promise<(email: string) => Promise<void>> {
  const page = await fetch(`${origin}/t/acme/login`)
  const cookie = page.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ')
  const form_token = /name="form_token" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  return async (email) => {
    const answer = await fetch(`${origin}/t/acme/login`, {
      method: 'POST', redirect: 'manual', headers: { cookie, origin },
      body: new URLSearchParams({ form_token, email, password: PASSWORD }),
    })
    await answer.arrayBuffer()
    mustBe(answer.status === 303)
  }
}

function mustBe(held: boolean): void {
  if (!held) throw new Error('a login that was measured did not succeed')
}

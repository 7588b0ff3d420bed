/** Runs that meet, hang, or are interrupted. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { spawn, spawnSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { everything } from './everything.ts'
import { readyToProvision, world, type World } from './world.ts'

let here: World

beforeAll(async () => {
  here = await world('plans', { simulated: '2098-11-20T09:00:00Z' })
  await readyToProvision(here)
}, 120_000)

const tables = async () => {
  const all = await everything(here.database)
  return ['public.tenants', 'public.users'].map((name) => all.get(name)?.length)
}

/** Until a run holds the lock of an onboarding. */
async function locked(): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const rows = await here.sql(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
    if (rows.length > 0) return
    await pause(50)
  }
  throw new Error('no run has taken its lock')
}

/** While this goes on nobody reads or writes tenants. */
async function standstill<T>(work: () => Promise<T>): Promise<T> {
  const owner = await here.database.connect('owner')
  try {
    await owner.query('BEGIN; LOCK TABLE public.tenants IN ACCESS EXCLUSIVE MODE')
    return await work()
  } finally {
    await owner.query('ROLLBACK')
    await owner.end()
  }
}

test('interrupted while it works: 130, nothing half done; run again, it goes on', async () => {
  const before = await everything(here.database)
  const ended = await standstill(async () => {
    const run = here.start('provision harbour --secrets-out interrupted.jsonl')
    await locked()
    await pause(300)
    run.process.kill('SIGINT')
    return run.ended
  })
  expect([ended.exit, ended.stderr]).toEqual([130, expect.stringContaining('Interrupted. What was done is in the journal')])
  expect(await everything(here.database)).toEqual(before)
  expect(existsSync(join(here.cwd, 'interrupted.jsonl'))).toBe(false)
  expect((await here.done('provision harbour --secrets-out interrupted.jsonl', 5)).stdout).toContain('9 changed')
  expect(await tables()).toEqual([1, 1])
  await here.done('rollback harbour --to provision --confirm harbour')
})

test('a second run says who is at it since when, and exits with 7; people sign meanwhile; unlock ends the first', async () => {
  await standstill(async () => {
    const first = here.start('provision harbour --secrets-out hung.jsonl')
    await locked()
    const second = await here.run('provision harbour --secrets-out second.jsonl')
    expect([second.exit, second.stderr]).toEqual([7, expect.stringMatching(/harbour is being worked on by onboard Eva Weber on \S+ [0-9a-f]{8} since \d{4}-\d\d-\d\dT[^]*onboard unlock harbour --reason/)])
    const json = JSON.parse((await here.run('apply harbour --phase provision --secrets-out second.jsonl --json')).stdout) as { error: { code: string; exit: number } }
    expect(json.error).toMatchObject({ code: 'locked', exit: 7 })
    expect((await here.run(['sign', 'harbour', 'contract_signed', '--signer', 'lea@vendor.example', '--evidence', 'proof.txt', '--note', 'seen again'])).exit).toBe(0)
    const { stdout } = await here.done('status harbour')
    expect(stdout).toContain('Harbour & Söhne AG')
    expect((await here.run(['unlock', 'harbour', '--reason', 'its laptop is lost'])).stdout).toMatch(/harbour is free: ended onboard Eva Weber/)
    const ended = await first.ended
    expect([ended.exit, ended.stdout + ended.stderr]).toEqual([8, expect.stringMatching(/ended the connection/)])
    expect(ended.stdout + ended.stderr).not.toMatch(/\n\s+at .*[:(]\d+:\d+\)?$/m)
  })
  expect(await tables()).toEqual([0, 0])
  expect((await here.done('audit log harbour')).stdout).toMatch(/unlocked .*its laptop is lost/)
})

test('where a secret could go nowhere, the command to type instead does no more than this one', async () => {
  const ended = await here.run('apply harbour --phase provision')
  expect([ended.exit, ended.stderr]).toEqual([2, expect.stringMatching(/onboard apply harbour --phase provision --secrets-out secrets\.jsonl$/m)])
  expect(await tables()).toEqual([0, 0])
})

test('two at once: one does it, the other is told; each thing is there once', async () => {
  await here.sql(`CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON public.tenants FOR EACH ROW EXECUTE FUNCTION public.slow()`)
  const both = await Promise.all(['a', 'b'].map((name) => here.run(`provision harbour --secrets-out ${name}.jsonl`)))
  await here.sql('DROP TRIGGER slow ON public.tenants; DROP FUNCTION public.slow()')
  expect(both.map(({ exit }) => exit).toSorted()).toEqual([5, 7])
  expect(await tables()).toEqual([1, 1])
  expect(['a', 'b'].filter((name) => existsSync(join(here.cwd, `${name}.jsonl`)))).toHaveLength(1)
  expect((await here.done('provision harbour', 5)).stdout).toContain('9 unchanged')
  await here.done('audit verify harbour')
})

/** `script` gives a program a terminal of its own. */
const terminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true

test.skipIf(!terminal)('a question that is left with Ctrl-C, or answered with another word: 130, and nothing changed', async () => {
  const before = await everything(here.database)
  for (const [typed, says] of [['\u0003', /Interrupted at a question; nothing was changed/], ['harbor\r', /Not done; nothing was changed/]] as const) {
    const { PATH = '', HOME = '' } = process.env
    const line = `${process.execPath} ${join(packageRoot, 'bin', 'run.js')} rollback harbour --to provision`
    const asked = await inTerminal(line, typed, { PATH, HOME, TERM: 'xterm', ONBOARD_ACTOR: 'Eva Weber <eva@vendor.example>', ...here.env })
    expect([asked.exit, asked.text]).toEqual([130, expect.stringMatching(says)])
    expect(await everything(here.database)).toEqual(before)
  }
})

/** Runs a command line at a terminal, and types once it asks. */
function inTerminal(line: string, typed: string, env: Record<string, string>): Promise<{ exit: number; text: string }> {
  const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd: here.cwd, env })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const asked = text.includes('Type harbour')
    text += chunk
    if (!asked && text.includes('Type harbour')) setTimeout(() => child.stdin.write(typed), 200)
  })
  return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve({ exit: code ?? -1, text })))
}

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { undo } from '../../src/engine/undo.ts'
import { testDatabase } from '../support/database.ts'
import { open, prepare, workOn } from '../engine/world.ts'
import { observe, story } from './story.ts'
import type { Case } from './story.ts'
import { type OnLine, start } from './killed.ts'

/** Moments for each of apply and undo; `npm run test:kill -- --times N` sets their sum. */
const MOMENTS = Math.ceil(Number(process.env['ONBOARD_KILL_TIMES'] ?? 200) / 2)

let database: Database
let client: Client
let folder: string
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
  client = await database.connect('app')
  folder = mkdtempSync(join(tmpdir(), 'onboard-kill-'))
})
afterAll(() => client.end())

let count = 0
async function begin(): Promise<Case> {
  const slug = `k${++count}`
  const own = mkdtempSync(join(folder, `${slug}-`))
  return { slug, folder: own, id: await open(database, story({ slug, folder: own }), slug) }
}

/** Runs what a person runs after a crash: the same command again. */
async function run(what: 'apply' | 'undo', subject: Case): Promise<number> {
  const work = workOn(database, subject.id, story(subject), subject.slug)
  try {
    return (what === 'apply' ? await apply(work) : await undo(work, { phase: 'provision', step: null })).exit
  } finally {
    await work.close()
  }
}

/** Starts the child; `onLine` hears its points. Resolves to all of them and the signal that ended it. */
const child = (what: 'apply' | 'undo', subject: Case, at: number, onLine?: OnLine) => (
  start(database, 'child.ts', [what, JSON.stringify(subject), String(at)], onLine)
)

async function undisturbed(what: 'apply' | 'undo') {
  const subject = await begin()
  expect(await run('apply', subject)).toBe(0)
  if (what === 'undo') expect(await run('undo', subject)).toBe(0)
  return observe(client, subject)
}

describe.each(['apply', 'undo'] as const)('%s, killed', (what) => {
  it('at every point, converges with nothing doubled and nothing lost', async () => {
    const expected = await undisturbed(what)
    const listed = await begin()
    if (what === 'undo') await run('apply', listed)
    const { lines, errors } = await child(what, listed, 0)
    expect(lines.at(-1), errors).toBe('finished')
    const points = lines.slice(0, -1)
    expect(points.length).toBeGreaterThan(15)
    for (const [n, name] of points.entries()) {
      const subject = await begin()
      if (what === 'undo') await run('apply', subject)
      expect((await child(what, subject, n + 1)).signal, name).toBe('SIGKILL')
      expect(await run(what, subject), name).toBe(0)
      expect(await observe(client, subject), name).toEqual(expected)
    }
  }, 300_000)

  it(`at ${MOMENTS} random moments, converges with nothing doubled and nothing lost`, async () => {
    const expected = await undisturbed(what)
    let spent = Infinity
    let midway = 0
    for (let n = 0; n < 3; n++) {
      const warm = await begin()
      if (what === 'undo') await run('apply', warm)
      let from = 0
      await child(what, warm, 0, (line) => {
        if (line === 'locked') from = performance.now()
        // The quickest: kills that come when all is over hit nothing.
        if (line === 'finished') spent = Math.min(spent, performance.now() - from)
      })
    }
    for (let n = 0; n < MOMENTS; n++) {
      const subject = await begin()
      if (what === 'undo') await run('apply', subject)
      const { lines } = await child(what, subject, 0, (line, kill) => {
        if (line === 'locked') void pause(Math.random() * spent).then(kill)
      })
      if (lines.includes('locked') && !lines.includes('finished')) midway++
      expect(await run(what, subject)).toBe(0)
      expect(await observe(client, subject), `after ${lines.at(-1)}`).toEqual(expected)
    }
    process.stdout.write(`${what}: ${midway} of ${MOMENTS} kills hit it mid-way (${spent.toFixed(0)} ms from lock to end)\n`)
    expect(midway).toBeGreaterThan(MOMENTS / 4)
  }, Number(process.env['ONBOARD_KILL_BUDGET_MS'] ?? 1_800_000))
})

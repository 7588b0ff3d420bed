/** A procedure that takes back is killed, also in the midst of taking back; typed again, it ends as if nothing had happened. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { testDatabase } from '../support/database.ts'
import { open, prepare, workOn } from '../engine/world.ts'
import { goLive, observeRollback, rollBack, rollbackStory } from './rollback-story.ts'
import type { Case } from './story.ts'
import { type OnLine, start } from './killed.ts'

const MOMENTS = Math.ceil(Number(process.env['ONBOARD_KILL_TIMES'] ?? 200) / 5)

let database: Database
let client: Client
let folder: string
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
  client = await database.connect('app')
  folder = mkdtempSync(join(tmpdir(), 'onboard-kill-rollback-'))
})
afterAll(() => client.end())

let count = 0
async function live(): Promise<Case> {
  const slug = `k${++count}`
  const own = mkdtempSync(join(folder, `${slug}-`))
  const setting = rollbackStory({ slug, folder: own })
  const subject = { slug, folder: own, id: await open(database, setting, slug) }
  const work = workOn(database, subject.id, setting, slug)
  await goLive(work)
  await work.close()
  return subject
}

async function again(subject: Case): Promise<number> {
  const work = workOn(database, subject.id, rollbackStory(subject), subject.slug)
  try {
    return (await rollBack(work)).exit
  } finally {
    await work.close()
  }
}

const child = (subject: Case, at: number, onLine?: OnLine) => (
  start(database, 'rollback-child.ts', [JSON.stringify(subject), String(at)], onLine)
)

/** After the end the phases begin anew: the word is asked for again, which is exit 5. */
const ENDS = [0, 5]

it('killed at every point, it ends as if it had not been', async () => {
  const calm = await live()
  expect(await again(calm)).toBe(0)
  const expected = await observeRollback(client, calm)
  expect(expected.things).toEqual(['-base=1', '-gone=4', '-note=broken'])
  expect(expected).toMatchObject({ outbox: 'welcome\nnotice\ndone\n', flag: false, faults: [] })
  const { lines, errors } = await child(await live(), 0)
  expect(lines.at(-1), errors).toBe('finished')
  const points = lines.slice(0, -1)
  expect(points.filter((one) => one.startsWith('undo live.')).length).toBeGreaterThan(10)
  for (const [n, name] of points.entries()) {
    const subject = await live()
    expect((await child(subject, n + 1)).signal, name).toBe('SIGKILL')
    expect(ENDS, name).toContain(await again(subject))
    expect(await observeRollback(client, subject), name).toEqual(expected)
  }
}, 300_000)

it(`killed at ${MOMENTS} random moments, it ends as if it had not been`, async () => {
  const calm = await live()
  await again(calm)
  const expected = await observeRollback(client, calm)
  let spent = 0
  let from = 0
  await child(await live(), 0, (line) => {
    if (line === 'locked') from = performance.now()
    if (line === 'finished') spent = performance.now() - from
  })
  let midway = 0
  for (let n = 0; n < MOMENTS; n++) {
    const subject = await live()
    const { lines } = await child(subject, 0, (line, kill) => {
      if (line === 'locked') void pause(Math.random() * spent).then(kill)
    })
    if (lines.includes('locked') && !lines.includes('finished')) midway++
    expect(ENDS).toContain(await again(subject))
    expect(await observeRollback(client, subject), `after ${lines.at(-1)}`).toEqual(expected)
  }
  expect(midway).toBeGreaterThan(MOMENTS / 4)
}, Number(process.env['ONBOARD_KILL_BUDGET_MS'] ?? 1_800_000))

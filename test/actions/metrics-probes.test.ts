import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import check from '../../src/actions/metrics/check.ts'
import least from '../../src/actions/metrics/least.ts'
import patterns from '../../src/actions/metrics/patterns.ts'
import type { Threshold } from '../../src/model.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

const line = { good: 'high', target: 99, alert: 95, unit: '%', window_ms: null, min_samples: 20 } as const
const thresholds: Threshold[] = [{ id: 'logins_ok', title: 'Logins', ...line }, { id: 'errors_rate', title: 'Errors', ...line, good: 'low', target: 0.1, alert: 1 }]
const where = 'FROM seen WHERE tenant = $1 AND at >= $2 AND at < $3'
const measures = {
  logins_ok: { kind: 'share', sql: `SELECT count(*) FILTER (WHERE ok) AS part, count(*) AS total ${where}` },
  errors_rate: { kind: 'share', sql: `SELECT count(*) FILTER (WHERE NOT ok) AS part, count(*) AS total ${where}` },
  broken: { kind: 'share', sql: 'SELECT 1 AS part' },
  people: { kind: 'count', sql: `SELECT count(DISTINCT who) AS count ${where}` },
  errors: { kind: 'groups', sql: `SELECT who AS signature, count(*) AS count ${where} AND NOT ok GROUP BY who` },
} as const
let world: World
beforeAll(async () => {
  world = await createWorld(await testDatabase({ simulated: '2027-02-18T12:00:00Z' }), undefined, undefined, { thresholds })
  await world.sql(`CREATE TABLE seen (tenant text, at timestamptz, ok boolean, who text); GRANT SELECT ON seen TO onboard_reader`)
  // 15 February: all well. 16: a few failures. 17: many. 18: nothing. Local days of Berlin.
  for (const [day, total, bad] of [['15', 1000, 2], ['16', 1000, 30], ['17', 1000, 200]] as const) {
    await world.sql(`INSERT INTO seen SELECT 'acme', '2027-02-${day} 00:30+01'::timestamptz + i * interval '1 minute', i > ${bad}, 'u' || (i % 7) FROM generate_series(1, ${total}) i`)
  }
})
afterAll(() => world.close())

const common = { tenant: 'acme', time_zone: 'Europe/Berlin' } as const
const on = (from: string, more: object = {}) => world.reading((read) => check.probe(read, {
  ...common, metrics: ['logins_ok'], measures, from, to: from.slice(0, 8) + String(Number(from.slice(8)) + 1), expect: 'on_target', ...more,
} as never))

describe('metrics.check', () => {
  test.each([['2027-02-15', 'pass'], ['2027-02-16', 'warn'], ['2027-02-17', 'fail']] as const)('of %s: %s', async (day, result) => expect(await on(day)).toMatchObject({ result }))
  test('a day on which nothing happened warns, and does not pass', async () => {
    expect(await on('2027-02-18')).toMatchObject({ result: 'warn', summary: 'Logins: no data [few] (nothing happened in this time)' })
  })
  test('a day to come is not checked', async () => expect(await on('2027-02-19')).toMatchObject({ result: 'not_checked', reason: 'its time has not begun' }))
  test('what has no source, and what gives no answer, is not checked, and named', async () => {
    expect(await on('2027-02-15', { measures: null })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('metrics.logins_ok') })
    expect(await on('2027-02-15', { metrics: ['logins_ok', 'broken'] })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining("no column 'total'") })
  })
  test('an alert is one, whatever else could not be measured', async () => {
    expect(await on('2027-02-17', { metrics: ['logins_ok', 'broken'] })).toMatchObject({ result: 'fail', summary: expect.stringMatching(/Logins: 80 % of 1000 \[alert\].*broken/) })
  })
  test('where an answer is enough, an alert is one and silence is not', async () => {
    expect(await on('2027-02-17', { expect: 'an_answer' })).toMatchObject({ result: 'pass' })
    expect(await on('2027-02-17', { expect: 'an_answer', metrics: ['logins_ok', 'broken'] })).toMatchObject({ result: 'fail' })
  })
  test('its outputs say each metric in a line', async () => {
    const evidence = await on('2027-02-15', { metrics: ['logins_ok', 'errors_rate'] })
    expect(check.outputs({} as never, evidence)).toEqual({ state: 'warn', shown: ['Logins: 99.8 % of 1000 (burn rate 0.2)', 'Errors: 0.2 % of 1000 [warn] (burn rate 2)'] })
    expect(check.outputs({} as never, { result: 'not_checked', reason: '' })).toEqual({ state: 'few', shown: [] })
  })
  test('other tenants are others', async () => expect(await on('2027-02-17', { tenant: 'other' })).toMatchObject({ result: 'warn', summary: expect.stringContaining('no data') }))
})

describe('metrics.least', () => {
  const count = (more: object) => world.reading((read) => least.probe(read, { ...common, metric: 'people', measures, seats: 100, from: '2027-02-15', ...more } as never))
  test('enough, too few, and nobody said how many', async () => {
    expect(await count({ least_percent: 7 })).toMatchObject({ result: 'pass', summary: '7 of 100 users; at least 7 are wanted' })
    expect(await count({ least_percent: 7.5 })).toMatchObject({ result: 'fail', summary: '7 of 100 users; at least 8 are wanted' })
    expect(await count({})).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('adoption') })
    expect(await count({ least_percent: 7, metric: 'nobody' })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('metrics.nobody') })
    expect(await count({ least_percent: 7, metric: 'logins_ok' })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('no count') })
    expect(await count({ least_percent: 7, from: '2027-03-01' })).toMatchObject({ result: 'not_checked' })
  })
})

describe('metrics.patterns', () => {
  const look = (more: object) => world.reading((read) => patterns.probe(read, { tenant: 'acme', metric: 'errors', measures, last_hours: 48, before_hours: 72, ...more } as never))
  test('new kinds of error are named; known ones are not', async () => {
    await world.sql(`INSERT INTO seen VALUES ('acme', '2027-02-18 10:00+01', false, 'timeout')`)
    expect(await look({})).toMatchObject({ result: 'warn', summary: expect.stringContaining('timeout (1)') })
    await world.sql(`DELETE FROM seen WHERE who = 'timeout'`)
    expect(await look({ last_hours: 12 })).toMatchObject({ result: 'pass', summary: 'no errors' })
    expect(await look({ last_hours: 60, before_hours: 60 })).toMatchObject({ result: 'pass', summary: expect.stringContaining('all known from before') })
    expect(await look({ metric: 'people' })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('groups') })
    expect(await look({ measures: null })).toMatchObject({ result: 'not_checked' })
  })
})

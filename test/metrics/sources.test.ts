import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttp } from '../../src/adapters/http.ts'
import { judgeAll, measure } from '../../src/metrics/measure.ts'
import type { Metric } from '../../src/metrics/metric.ts'
import type { Ground } from '../../src/metrics/sources/port.ts'
import { dateIn, datesBetween } from '../../src/dates.ts'
import { instantOf } from '../../src/metrics/zone.ts'
import { testDatabase } from '../support/database.ts'
import { serve } from '../support/tls.ts'
import { createWorld, type World } from '../support/world.ts'

const asked = { tenant: 'acme', window: { from: '2027-02-15T23:00:00.000Z', to: '2027-02-17T23:00:00.000Z' } }
const nowhere = () => Promise.reject(new Error('not asked for'))
const none: Ground = { many: nowhere, http: nowhere, file: nowhere }

describe('sql', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase())
    await world.sql(`
      CREATE TABLE logins (tenant text, at timestamptz, ok boolean, ms int);
      GRANT SELECT ON logins TO onboard_reader;
      INSERT INTO logins SELECT 'acme', '2027-02-16 12:00Z'::timestamptz + i * interval '1 minute', i % 10 <> 0, i FROM generate_series(1, 100) i;
      INSERT INTO logins VALUES ('acme', '2027-02-15 22:59Z', false, 1), ('acme', '2027-02-17 23:00Z', false, 1), ('other', '2027-02-16 12:00Z', false, 1);`)
  })
  afterAll(() => world.close())
  const ask = (metric: Metric) => world.reading((read) => measure(metric, asked, { ...none, many: (sql, params) => read.many(sql, params) }))
  const where = 'FROM logins WHERE tenant = $1 AND at >= $2 AND at < $3'

  test('the window has its beginning in it and its end not, and is one tenant’s', async () => {
    expect(await ask({ kind: 'share', sql: `SELECT count(*) FILTER (WHERE ok) AS part, count(*) AS total ${where};` })).toEqual({ kind: 'share', part: 90, total: 100 })
    expect(await ask({ kind: 'count', sql: `SELECT count(DISTINCT ms) AS count ${where}` })).toEqual({ kind: 'count', count: 100 })
    expect(await ask({ kind: 'quantile', sql: `SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY ms) AS value, count(*) AS samples, count(*) FILTER (WHERE ms < 50) AS within ${where}` }))
      .toEqual({ kind: 'quantile', value: 95, samples: 100, within: 49 })
    expect(await ask({ kind: 'events', sql: `SELECT at, 'P2' AS severity ${where} AND ms = 1` })).toEqual({ kind: 'events', events: [{ at: '2027-02-16T12:01:00.000Z', severity: 'P2', category: null }] })
    expect(await ask({ kind: 'groups', sql: `SELECT ok::text AS signature, count(*) AS count ${where} GROUP BY ok ORDER BY 2` }))
      .toEqual({ kind: 'groups', groups: [{ signature: 'false', count: 10 }, { signature: 'true', count: 90 }] })
  })
  test('no row and no value are no data', async () => {
    expect(await ask({ kind: 'count', sql: `SELECT 1 AS count ${where} AND false` })).toEqual({ kind: 'none' })
    expect(await ask({ kind: 'quantile', sql: `SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY ms) AS value, count(*) AS samples ${where} AND false` })).toEqual({ kind: 'none' })
  })
  test('a query may leave parameters out; a wrong answer is named', async () => {
    expect(await ask({ kind: 'count', sql: 'SELECT 7 AS count' })).toEqual({ kind: 'count', count: 7 })
    await expect(ask({ kind: 'share', sql: 'SELECT 1 AS part' })).rejects.toThrow("no column 'total'")
    await expect(ask({ kind: 'count', sql: "SELECT 'many' AS count" })).rejects.toThrow('"many", no number')
    await expect(ask({ kind: 'count', sql: 'SELECT 1 AS count UNION ALL SELECT 2' })).rejects.toThrow('2 rows')
    await expect(ask({ kind: 'count', sql: 'DELETE FROM logins RETURNING 1 AS count' })).rejects.toThrow()
  })
})

describe('prometheus', () => {
  const seen: { query: string; time: string; token: string | undefined }[] = []
  const answers = new Map<string, unknown>()
  let server: Awaited<ReturnType<typeof serve>>
  const { http, close } = createHttp({ allow: ['127.0.0.1'], env: { PROM: 'abc' } })
  beforeAll(async () => {
    server = await serve((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://x')
      const query = searchParams.get('query') ?? ''
      seen.push({ query, time: searchParams.get('time') ?? '', token: request.headers.authorization })
      const found = answers.get(query)
      if (found === undefined) return void response.writeHead(400).end(JSON.stringify({ status: 'error', error: 'parse error' }))
      response.end(JSON.stringify({ status: 'success', data: found }))
    })
  })
  afterAll(async () => {
    await close()
    await server.close()
  })
  const vector = (...values: string[]) => ({ resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [0, value] })) })
  const ask = (queries: Record<string, string>, kind: Metric['kind'] = 'share') =>
    measure({ kind, prometheus: { url: `${server.url}/`, token_env: 'PROM', queries } }, asked, { ...none, http })

  test('values are texts, tenant and window are filled in, the token comes from the environment', async () => {
    answers.set('bad{t="acme"}[172800s]', vector('3')).set('all', { resultType: 'scalar', result: [0, '4000'] })
    expect(await ask({ part: 'bad{t="$tenant"}[$window]', total: 'all' })).toEqual({ kind: 'share', part: 3, total: 4000 })
    expect(seen[0]).toEqual({ query: 'bad{t="acme"}[172800s]', time: '2027-02-17T23:00:00.000Z', token: 'Bearer abc' })
  })
  test('an empty vector and NaN are no data, not nought', async () => {
    answers.set('empty', vector()).set('nan', vector('NaN')).set('n', vector('10'))
    expect(await ask({ part: 'empty', total: 'n' })).toEqual({ kind: 'none' })
    expect(await ask({ value: 'nan', samples: 'n' }, 'quantile')).toEqual({ kind: 'none' })
  })
  test('several series, a matrix, an error and what is missing are told', async () => {
    answers.set('two', vector('1', '2')).set('matrix', { resultType: 'matrix', result: [] })
    await expect(ask({ count: 'two' }, 'count')).rejects.toThrow('2 series; add them up')
    await expect(ask({ count: 'matrix' }, 'count')).rejects.toThrow('a matrix')
    await expect(ask({ count: 'wrong(' }, 'count')).rejects.toThrow(/answered 400: parse error to wrong\(/)
    await expect(ask({ part: 'n' })).rejects.toThrow("no 'total'")
    await expect(ask({}, 'events')).rejects.toThrow('sql or csv')
  })
})

describe('csv', () => {
  const text = [
    'when,who,prio,topic,ms',
    '2027-02-15 23:59,acme,P3,login,9', // Berlin: before the window
    '2027-02-16 00:00,acme,P2,login,10',
    '2027-02-16T12:00:00+05:00,acme,,export,20',
    '2027-02-16 09:00,other,P0,login,5000',
    '"2027-02-17 23:59:59",acme,P1,"a, b",30',
  ].join('\n')
  const csv = { file: 'tickets.csv', time: 'when', time_zone: 'Europe/Berlin', tenant: 'who' }
  const ask = (metric: Metric, bytes: string | Uint8Array = text) =>
    measure(metric, asked, { ...none, file: async () => (typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes) })

  test('times are the zone’s where they name no offset', async () => {
    expect(await ask({ kind: 'events', csv: { ...csv, severity: 'prio', category: 'topic' } })).toEqual({ kind: 'events', events: [
      { at: '2027-02-15T23:00:00.000Z', severity: 'P2', category: 'login' },
      { at: '2027-02-16T07:00:00.000Z', severity: null, category: 'export' },
      { at: '2027-02-17T22:59:59.000Z', severity: 'P1', category: 'a, b' },
    ] })
  })
  test('each kind', async () => {
    expect(await ask({ kind: 'count', csv })).toEqual({ kind: 'count', count: 3 })
    expect(await ask({ kind: 'count', csv: { ...csv, value: 'topic' } })).toEqual({ kind: 'count', count: 3 })
    expect(await ask({ kind: 'share', csv: { ...csv, part: { column: 'topic', is: ['login', 'export'] } } })).toEqual({ kind: 'share', part: 2, total: 3 })
    expect(await ask({ kind: 'quantile', csv: { ...csv, value: 'ms' } })).toEqual({ kind: 'quantile', value: 30, samples: 3, within: null })
    expect(await ask({ kind: 'groups', csv: { ...csv, value: 'topic' } })).toMatchObject({ groups: [{ signature: 'login', count: 1 }, { signature: 'export', count: 1 }, { signature: 'a, b', count: 1 }] })
  })
  test('nothing in the window is no data for a quantile, and nought for a count', async () => {
    const empty = 'when,who,ms\n'
    expect(await ask({ kind: 'quantile', csv: { ...csv, value: 'ms' } }, empty)).toEqual({ kind: 'none' })
    expect(await ask({ kind: 'count', csv }, empty)).toEqual({ kind: 'count', count: 0 })
  })
  test.each([
    ['no header', '2027-02-16 00:00,acme', /no header that has a column 'when'/],
    ['nothing at all', '', /no header/],
    ['a time that is none', 'when,who\n2027-02-30 00:00,acme', /line 2: '2027-02-30 00:00' is no time/],
    ['a line too short', 'when,who\n2027-02-16', /CSV/],
    ['not UTF-8', new Uint8Array([0xff, 0xfe, 0x00]), /CSV/],
  ])('%s is said', async (_what, bytes, message) => {
    await expect(ask({ kind: 'count', csv }, bytes)).rejects.toThrow(message)
  })
  test('a column that is not there, and a value that is no number', async () => {
    await expect(ask({ kind: 'quantile', csv: { ...csv, value: 'speed' } })).rejects.toThrow('no column speed; its header is when, who, prio, topic, ms')
    await expect(ask({ kind: 'quantile', csv: { ...csv, value: 'topic' } })).rejects.toThrow("line 3: 'login' in topic is no number")
    await expect(ask({ kind: 'share', csv })).rejects.toThrow('csv.part')
  })
})

describe('days and zones', () => {
  test.each([
    ['2027-02-16', 'Europe/Berlin', '2027-02-15T23:00:00.000Z'],
    ['2027-07-01 12:30', 'Europe/Berlin', '2027-07-01T10:30:00.000Z'],
    ['2027-02-16T08:00:00.5', 'Asia/Kolkata', '2027-02-16T02:30:00.500Z'],
    ['2027-10-31 02:30', 'Europe/Berlin', '2027-10-31T00:30:00.000Z'], // there twice
    ['2027-03-28 02:30', 'Europe/Berlin', '2027-03-28T01:30:00.000Z'], // not there
    ['2027-02-16', 'Pacific/Kiritimati', '2027-02-15T10:00:00.000Z'],
  ])('%s in %s', (local, zone, instant) => expect(instantOf(local, zone)).toBe(instant))
  test.each(['2027-02-30', '16.2.2027', '', '2027-02-16 25:00'])('%s is no time', (local) => expect(instantOf(local, 'UTC')).toBeUndefined())
  test('the date of an instant, and dates in order', () => {
    expect([dateIn('2027-02-15T23:30:00Z', 'Europe/Berlin'), dateIn('2027-02-15T23:30:00Z', 'UTC')]).toEqual(['2027-02-16', '2027-02-15'])
    expect(datesBetween('2027-02-27', '2027-03-02')).toEqual(['2027-02-27', '2027-02-28', '2027-03-01', '2027-03-02'])
    expect(datesBetween('2027-03-02', '2027-03-01')).toEqual([])
  })
})

describe('several metrics together', () => {
  const logins = { id: 'login_success', title: 'Logins that succeed', good: 'high', target: 99, alert: 95, unit: '%', window_ms: null, min_samples: 20 } as const
  const question = { ...asked, ids: ['login_success', 'support_tickets', 'logins'], thresholds: [logins], zone: 'UTC', expected: null, metrics: undefined }
  const give = (rows: Record<string, unknown>[]): Ground => ({ ...none, many: async () => rows as never })

  test('what has no source says so, and stops no other', async () => {
    const judged = await judgeAll({ ...question, metrics: { logins: { kind: 'count', sql: 'x' } } }, give([{ count: 5 }]))
    expect(judged.map(({ id, state, shown }) => [id, state, shown])).toEqual([['login_success', 'unmeasured', 'not measured'], ['support_tickets', 'unmeasured', 'not measured'], ['logins', 'ok', '5']])
    expect(judged[0]?.notes).toEqual(['the config names no source: metrics.login_success'])
  })
  test('a source that fails is unmeasured with its reason', async () => {
    const [one] = await judgeAll({ ...question, ids: ['login_success'], metrics: { login_success: { kind: 'share', sql: 'x' } } }, give([{ part: 1 }]))
    expect(one).toMatchObject({ state: 'unmeasured', notes: ["the query gives no column 'total'"] })
  })
  test('tickets without an expectation are shown and not judged', async () => {
    const metrics = { support_tickets: { kind: 'events', sql: 'x' } } as const
    const rows = [{ at: '2027-02-16T12:00:00Z' }, { at: '2027-02-16T13:00:00Z' }]
    expect((await judgeAll({ ...question, ids: ['support_tickets'], metrics }, give(rows)))[0]).toMatchObject({ state: 'unmeasured', shown: '2 in 3 days' })
    expect((await judgeAll({ ...question, ids: ['support_tickets'], metrics, expected: 1 }, give(rows)))[0]).toMatchObject({ state: 'ok', shown: '2 in 3 days' })
  })
  test('a budget that burns within the hour is noted, though the whole window looks well', async () => {
    const hour = Date.parse(asked.window.to) - 3_600_000
    const ground: Ground = { ...none, many: async (_sql, params = []) => [Date.parse(String(params[1])) >= hour ? { part: 90, total: 100 } : { part: 9950, total: 10_000 }] as never }
    const [one] = await judgeAll({ ...question, ids: ['login_success'], metrics: { login_success: { kind: 'share', sql: 'SELECT $1 $2 $3' } } }, ground)
    expect(one).toMatchObject({ state: 'ok', notes: ['burn rate 0.5', 'in the last hour the error budget burns 10.0 times too fast'] })
  })
})

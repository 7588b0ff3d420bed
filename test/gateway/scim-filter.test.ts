import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model.ts'
import { matches } from '../../src/identity/scim/filter/evaluate.ts'
import { parseFilter } from '../../src/identity/scim/filter/parse.ts'
import { RESOURCE_TYPES } from '../../src/identity/scim/schema.ts'
import { listOf, metaOf, scimClient, type ScimClient } from './client.ts'
import { testGateway } from './support.ts'

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const WORDS = ['a', 'A', 'ab', 'b%', '_', 'c\\d', 'Ünï', "o'x", '"q"', ' ', '日本', 'true', '2026', 'e@x.example']

const word = fc.constantFrom(...WORDS)
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 3 })
const address = fc.record({ value: word, type: maybe(fc.constantFrom('work', 'home')), primary: maybe(fc.boolean()) }, { requiredKeys: ['value'] })

/** Users of a small world of values, so that filters often find some and seldom all. */
const user = fc.record({
  externalId: maybe(word), active: fc.boolean(), displayName: maybe(word), title: maybe(word), nickName: maybe(word),
  name: maybe(fc.record({ givenName: maybe(word), familyName: maybe(word) })),
  emails: maybe(fc.uniqueArray(address, { maxLength: 3, selector: (one) => one.value.toLowerCase() })),
  department: maybe(word), manager: maybe(word),
})

const STRINGS = ['userName', 'externalId', 'displayName', 'title', 'nickName', 'name.givenName', 'name.familyName', 'emails.value', 'emails.type', 'emails', `${ENTERPRISE}:department`, `${ENTERPRISE}:manager.value`, 'USERNAME', 'urn:ietf:params:scim:schemas:core:2.0:User:title']
const text = fc.record({ path: fc.constantFrom(...STRINGS), op: fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'EQ'), value: word })
  .map(({ path, op, value }) => `${path} ${op} ${JSON.stringify(value)}`)
const flag = fc.record({ path: fc.constantFrom('active', 'emails.primary'), op: fc.constantFrom('eq', 'ne'), value: fc.constantFrom('true', 'false', 'True', '"False"') })
  .map(({ path, op, value }) => `${path} ${op} ${value}`)
const present = fc.constantFrom(...STRINGS, 'emails', 'emails.primary').map((path) => `${path} pr`)
const nothing = fc.record({ path: fc.constantFrom('title', 'externalId', 'userName', 'emails.type'), op: fc.constantFrom('eq', 'ne') }).map(({ path, op }) => `${path} ${op} null`)
const inner = fc.oneof(
  fc.record({ path: fc.constantFrom('value', 'type'), op: fc.constantFrom('eq', 'ne', 'co', 'sw'), value: word }).map(({ path, op, value }) => `${path} ${op} ${JSON.stringify(value)}`),
  fc.constantFrom('type eq "work"', 'type eq "home"', 'primary eq true', 'primary ne true', 'type pr', 'not (type pr)'),
)
const element = fc.record({ a: inner, b: maybe(inner), word: fc.constantFrom('and', 'or'), after: maybe(word) })
  .map(({ a, b, word: between, after }) => `emails[${b === undefined ? a : `${a} ${between} ${b}`}]${after === undefined ? '' : `.value eq ${JSON.stringify(after)}`}`)

const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, flag, present, nothing, element),
    fc.record({ a: tie('filter'), b: tie('filter'), word: fc.constantFrom('and', 'or', 'AND') }).map(({ a, b, word: between }) => `(${a}) ${between} (${b})`),
    fc.record({ a: tie('filter'), b: tie('filter'), c: tie('filter') }).map(({ a, b, c }) => `${a} or ${b} and ${c}`),
    tie('filter').map((one) => `not (${one})`),
  ),
}))

let client: ScimClient
let everybody: readonly JsonObject[]

beforeAll(async () => {
  client = await scimClient(await testGateway(), 'acme')
  const people = fc.sample(user, { numRuns: 60, seed: 7 })
  for (const [number, { department, manager, ...one }] of people.entries()) {
    const userName = `${WORDS[number % WORDS.length]}${number}`
    const extension = department === undefined && manager === undefined ? {} : { [ENTERPRISE]: { department, ...(manager === undefined ? {} : { manager: { value: manager } }) } }
    // An address of its own, because that is unique within a tenant.
    const emails = (one.emails ?? []).map((mail, at) => (at === 0 ? { ...mail, value: `${number}-${mail.value}` } : { ...mail, primary: false }))
    const made = await client.send('POST', '/Users', { schemas: [], ...one, ...(one.emails === undefined ? {} : { emails }), ...extension, userName } as Json)
    expect(made.status, JSON.stringify(made.body)).toBe(201)
  }
  everybody = (await client.all('/Users')) as readonly JsonObject[]
  expect(everybody.length).toBe(60)
})

describe('a filter finds in SQL what its plain meaning says', () => {
  test('for any filter', async () => {
    let found = 0
    await fc.assert(fc.asyncProperty(filter, async (one) => {
      const answer = await client.send('GET', `/Users?count=200&filter=${encodeURIComponent(one)}`)
      expect(answer.status, `${one}: ${JSON.stringify(answer.body)}`).toBe(200)
      const wanted = everybody.filter((each) => matches(RESOURCE_TYPES.User, each, parseFilter(one))).map((each) => each['userName'])
      const seen = listOf(answer, 'Resources').map((each) => each['userName'])
      expect(seen.toSorted(), one).toEqual(wanted.toSorted())
      expect(answer.body?.['totalResults']).toBe(wanted.length)
      if (wanted.length > 0 && wanted.length < everybody.length) found++
    }), { numRuns: 1_000 })
    // A property that finds nobody, or everybody, would say little.
    expect(found).toBeGreaterThan(400)
  })

  test.each([
    ['userName sw "%"', 0], ['userName co "_"', 4], ['userName eq "_4"', 1], ['userName eq "A1"', 1], ['userName eq "a1"', 1],
  ])('%s takes nothing for a wildcard', async (one, count) => {
    const answer = await client.send('GET', `/Users?filter=${encodeURIComponent(one)}`)
    expect(answer.body?.['totalResults']).toBe(count)
  })

  test('instants are compared as such', async () => {
    const [first] = everybody
    const at = String(metaOf({ body: first })['lastModified'])
    const shifted = at.replace('Z', '+00:00')
    for (const [expression, isFound] of [[`meta.lastModified eq "${at}"`, true], [`meta.lastModified ge "${shifted}"`, true], [`meta.lastModified lt "${at}"`, false]] as const) {
      const answer = await client.send('GET', `/Users?filter=${encodeURIComponent(`${expression} and id eq "${String(first?.['id'])}"`)}`)
      expect(answer.body?.['totalResults'], expression).toBe(isFound ? 1 : 0)
    }
  })
})

describe('a filter that cannot be applied is refused with 400 invalidFilter', () => {
  test.each([
    '', ' ', 'userName', 'userName eq', 'userName eq "x', 'userName is "x"', 'eq "x"', '(userName eq "x"', 'userName eq "x")', 'userName eq "x" and', 'not userName eq "x"',
    'nothing eq "x"', 'userName eq "x" userName eq "y"', 'emails[type eq "work"', 'emails[emails[type eq "x"]]', 'name[givenName eq "x"]', 'active gt true', 'active eq "maybe"',
    'meta.created eq "soon"', 'meta.created co "2026"', 'name eq "x"', 'emails.nothing eq "x"', 'userName gt null', '__proto__ eq "x"', 'constructor.name eq "x"', "userName eq 'x'; DROP TABLE users", 'groups.$ref eq',
    `${'('.repeat(200)}userName pr${')'.repeat(200)}`, Array.from({ length: 200 }, () => 'userName pr').join(' or '), `userName eq "${'x'.repeat(5_000)}"`,
  ])('%s', async (one) => {
    const answer = await client.send('GET', `/Users?filter=${encodeURIComponent(one)}`)
    if (one === '') return expect(answer.status).toBe(200)
    expect(answer).toMatchObject({ status: 400, body: { status: '400', scimType: 'invalidFilter' } })
  })

  test('the password is nothing to ask for', async () => {
    const answer = await client.send('GET', `/Users?filter=${encodeURIComponent('password sw "a"')}`)
    expect(answer.status).toBe(403)
  })
})

import fc from 'fast-check'
import { scimPatch } from 'scim-patch'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../src/model.ts'
import { ScimError } from '../../../src/identity/scim/error.ts'
import { operationsOf } from '../../../src/identity/scim/operations.ts'
import { patched } from '../../../src/identity/scim/patch.ts'
import { RESOURCE_TYPES } from '../../../src/identity/scim/schema.ts'

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const after = (resource: JsonObject, ...Operations: Json[]): JsonObject => patched(RESOURCE_TYPES.User, resource, operationsOf({ schemas: [PATCH], Operations }))
const refusal = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    return error.scimType
  }
}

const barbara: JsonObject = {
  userName: 'bjensen', displayName: 'Babs Jensen', active: true, name: { familyName: 'Jensen', givenName: 'Barbara' },
  emails: [{ value: 'bjensen@example.com', type: 'work', primary: true }, { value: 'babs@jensen.example', type: 'home' }],
  addresses: [{ type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood' }],
}

describe('the operations of RFC 7644 §3.5.2', () => {
  test.each<[string, Json, JsonObject]>([
    ['add to a list', { op: 'add', path: 'emails', value: [{ value: 'new@example.com', type: 'other' }] }, { emails: [...(barbara['emails'] as Json[]), { value: 'new@example.com', type: 'other' }] }],
    ['add what is there already changes nothing', { op: 'add', path: 'emails', value: [{ value: 'babs@jensen.example', type: 'home' }] }, {}],
    ['add without a path', { op: 'add', value: { nickName: 'Babs', emails: [{ value: 'babs@example.com', type: 'other' }] } }, { nickName: 'Babs', emails: [...(barbara['emails'] as Json[]), { value: 'babs@example.com', type: 'other' }] }],
    ['add to a complex attribute keeps its other parts', { op: 'add', path: 'name', value: { middleName: 'Jane' } }, { name: { familyName: 'Jensen', givenName: 'Barbara', middleName: 'Jane' } }],
    ['a new primary takes the place of the old one', { op: 'add', path: 'emails', value: [{ value: 'p@example.com', primary: true }] }, { emails: [{ value: 'bjensen@example.com', type: 'work', primary: false }, { value: 'babs@jensen.example', type: 'home' }, { value: 'p@example.com', primary: true }] }],
    ['replace the elements that match', { op: 'replace', path: 'addresses[type eq "work"]', value: { streetAddress: '911 Universal City Plaza' } }, { addresses: [{ type: 'work', streetAddress: '911 Universal City Plaza', locality: 'Hollywood' }] }],
    ['replace one part of them', { op: 'replace', path: 'addresses[type eq "work"].streetAddress', value: '1010 Broadway Ave' }, { addresses: [{ type: 'work', streetAddress: '1010 Broadway Ave', locality: 'Hollywood' }] }],
    ['replace one part of all', { op: 'replace', path: 'emails.type', value: 'other' }, { emails: [{ value: 'bjensen@example.com', type: 'other', primary: true }, { value: 'babs@jensen.example', type: 'other' }] }],
    ['make another primary', { op: 'replace', path: 'emails[type eq "home"].primary', value: true }, { emails: [{ value: 'bjensen@example.com', type: 'work', primary: false }, { value: 'babs@jensen.example', type: 'home', primary: true }] }],
    ['replace a whole list', { op: 'replace', path: 'emails', value: [{ value: 'only@example.com' }] }, { emails: [{ value: 'only@example.com' }] }],
    ['names without regard to case', { op: 'Replace', path: 'NAME.FamilyName', value: 'Smith' }, { name: { familyName: 'Smith', givenName: 'Barbara' } }],
    ['a path with the URN of the schema', { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:displayName', value: 'B' }, { displayName: 'B' }],
  ])('%s', (_what, operation, changes) => {
    expect(after(barbara, operation)).toEqual({ ...barbara, ...changes })
  })

  test('remove takes away an attribute, a part, elements that match, and what is left empty', () => {
    expect(after(barbara, { op: 'remove', path: 'addresses' })).not.toHaveProperty('addresses')
    expect(after(barbara, { op: 'remove', path: 'name.givenName' })['name']).toEqual({ familyName: 'Jensen' })
    expect(after(barbara, { op: 'remove', path: 'emails[type eq "work" and value ew "example.com"]' })['emails']).toEqual([{ value: 'babs@jensen.example', type: 'home' }])
    expect(after(barbara, { op: 'remove', path: 'emails[value pr]' })).not.toHaveProperty('emails')
    expect(after(barbara, { op: 'remove', path: 'title' })).toEqual(barbara)
  })

  test.each<[string, Json, string]>([
    ['a path that names nothing', { op: 'replace', path: 'shoeSize', value: 1 }, 'invalidPath'],
    ['a path that cannot be read', { op: 'replace', path: 'emails[type eq', value: 'x' }, 'invalidPath'],
    ['a part of what has none', { op: 'replace', path: 'userName.x', value: 'x' }, 'invalidPath'],
    ['a filter on what is no list', { op: 'replace', path: 'name[givenName eq "x"]', value: {} }, 'invalidPath'],
    ['elements that are not there, and that no equality describes', { op: 'replace', path: 'emails[value co "nobody"].value', value: 'x' }, 'noTarget'],
    ['remove without a path', { op: 'remove' }, 'noTarget'],
    ['add without a value', { op: 'add', path: 'title' }, 'invalidValue'],
    ['a value of another type', { op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
    ['a value of another form', { op: 'replace', path: 'name', value: 'Barbara' }, 'invalidValue'],
    ['another word', { op: 'move', path: 'title', value: 'x' }, 'invalidSyntax'],
    ['what the server gives', { op: 'replace', path: 'meta', value: {} }, 'mutability'],
  ])('%s is refused', (_what, operation, scimType) => {
    expect(refusal(() => after(barbara, operation))).toBe(scimType)
  })

  test('all operations or none', () => {
    const operations: Json[] = [{ op: 'replace', path: 'displayName', value: 'Changed' }, { op: 'replace', path: 'nothing', value: 1 }]
    expect(refusal(() => after(barbara, ...operations))).toBe('invalidPath')
    expect(barbara['displayName']).toBe('Babs Jensen')
  })
})

/** scim-patch 0.8 is asked only where it is right; where it is not is shown below. */
describe('the same as scim-patch, where that is right', () => {
  const word = fc.constantFrom('a', 'b', 'c d', 'é', '"')
  const scalar = fc.constantFrom('displayName', 'nickName', 'title', 'name.givenName', 'name.familyName')
  const value = fc.record({ value: word, type: fc.constantFrom('work', 'home', 'other') })
  const list = fc.uniqueArray(value, { selector: (one) => one.type, maxLength: 3 })
  const resource = fc.record({
    userName: word, displayName: word, title: word, name: fc.record({ givenName: word, familyName: word }), emails: list.filter((all) => all.length > 1),
  })
  const operation = fc.oneof(
    fc.record({ op: fc.constantFrom('add', 'replace', 'Replace'), path: scalar, value: word }),
    fc.record({ op: fc.constant('replace'), value: fc.record({ displayName: word, title: word }) }),
    fc.record({ op: fc.constant('remove'), path: fc.constantFrom('displayName', 'nickName', 'name.givenName') }),
    fc.record({ op: fc.constant('replace'), path: fc.constant('emails'), value: list.filter((all) => all.length > 1) }),
    fc.record({ op: fc.constant('replace'), path: fc.constant('emails.value'), value: word }),
  )

  test('for any operations on one resource', () => {
    let changed = 0
    fc.assert(fc.property(resource, fc.array(operation, { minLength: 1, maxLength: 4 }), (one, operations) => {
      const before = one as unknown as JsonObject
      const own = after(before, ...(operations as unknown as Json[]))
      const theirs = scimPatch(structuredClone({ ...one, schemas: [], meta: {} }) as never, structuredClone(operations) as never) as unknown as Record<string, Json>
      delete theirs['schemas']
      delete theirs['meta']
      expect(own).toEqual(theirs)
      if (JSON.stringify(own) !== JSON.stringify(before)) changed++
    }), { numRuns: 2_000 })
    expect(changed).toBeGreaterThan(1_500)
  })
})

describe('where scim-patch is wrong, and so is no oracle', () => {
  const base = { schemas: [], meta: {}, userName: 'x', emails: [{ value: 'a', type: 'work', primary: true }] }
  const theirs = (operation: object) => scimPatch(structuredClone(base) as never, [operation] as never) as unknown as Record<string, Json>
  const own = (operation: object) => after({ userName: 'x', emails: base.emails }, operation as Json)

  test('it keeps two elements that are primary', () => {
    const operation = { op: 'add', path: 'emails', value: [{ value: 'b', primary: true }] }
    const primaries = (one: Record<string, Json>) => (one['emails'] as JsonObject[]).filter((mail) => mail['primary'] === true).length
    expect([primaries(theirs(operation)), primaries(own(operation))]).toEqual([2, 1])
  })
  test('it takes names with regard to case', () => {
    const operation = { op: 'replace', path: 'USERNAME', value: 'y' }
    expect([theirs(operation)['userName'], own(operation)['userName']]).toEqual(['x', 'y'])
  })
  test('it lets id and unknown attributes be written', () => {
    expect(theirs({ op: 'replace', path: 'id', value: 'z' })['id']).toBe('z')
    expect(refusal(() => own({ op: 'replace', path: 'id', value: 'z' }))).toBe('mutability')
    expect(theirs({ op: 'replace', path: 'shoe', value: 'z' })['shoe']).toBe('z')
    expect(refusal(() => own({ op: 'replace', path: 'shoe', value: 'z' }))).toBe('invalidPath')
  })
  test('it removes nobody where Entra ID names elements by value', () => {
    const operation = { op: 'Remove', path: 'emails', value: [{ $ref: null, value: 'a' }] }
    expect((theirs(operation)['emails'] as Json[]).length).toBe(1)
    expect(own(operation)).not.toHaveProperty('emails')
  })
})

import { describe, expect, it } from 'vitest'
import { attributesOf } from '../../../src/identity/oidc/claims.ts'

describe('attributesOf', () => {
  it('gives lists of text by name, and leaves out what is the protocol’s', () => {
    expect(attributesOf({ sub: 'ada-1', email: 'ada@acme.example', email_verified: true, level: 3, groups: ['a', 'b'], iss: 'i', aud: 'c', exp: 1, iat: 1, nonce: 'n', sid: 's', at_hash: 'h' }))
      .toEqual({ sub: ['ada-1'], email: ['ada@acme.example'], email_verified: ['true'], level: ['3'], groups: ['a', 'b'] })
  })

  it('names what is in objects by dots, as Keycloak sends roles', () => {
    expect(attributesOf({ realm_access: { roles: ['admin'] }, resource_access: { crm: { roles: ['user'] } }, 'https://acme.example/roles': ['x'] }))
      .toEqual({ 'realm_access.roles': ['admin'], 'resource_access.crm.roles': ['user'], 'https://acme.example/roles': ['x'] })
  })

  it('passes over what is no text: null, lists of objects, what is too deep', () => {
    expect(attributesOf({ a: null, b: [{ c: 1 }, 'd', null], e: { f: { g: { h: { i: 'deep' } } } }, j: [] })).toEqual({ b: ['d'] })
  })

  it('holds an end however much is sent', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`claim${at}`, 'x']))
    expect(Object.keys(attributesOf(many))).toHaveLength(200)
  })

  it('takes a name of the prototype as any other', () => {
    const given = JSON.parse('{"__proto__": "evil", "constructor": "x"}') as Record<string, unknown>
    const made = attributesOf(given)
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
    expect(Object.entries(made)).toEqual([['__proto__', ['evil']], ['constructor', ['x']]])
  })
})

/** Test identities: their names, making them, and taking them away again. */
import type { JsonObject } from '../../../model.ts'
import { filter, objects, SCHEMA, text } from './expect.ts'
import type { Answer, Dialect, Made, Names, ScimRequest } from './tester.ts'

/** How many of each the checks make at most. */
const MOST = { users: 4, groups: 3 } as const

/** With which the names of its users begin. */
export const MARK = 'onboard-scim-test-'
/** As which it makes itself known to servers: what it provokes there is nobody's trouble. */
export const AGENT = 'onboard-scim-test'

/** Names under a domain for mail addresses; `mark` tells those of one run apart where older ones cannot be removed. */
export function namesIn(domain: string, mark = ''): Names {
  return {
    user: (number) => `${MARK}${number}${mark}@${domain}`,
    group: (number) => `Onboard SCIM test ${number}${mark}`,
  }
}

/** A user as each directory sends it when it creates one. */
export function newUser(dialect: Dialect, userName: string, number: number): JsonObject {
  const person = {
    userName,
    externalId: externalId(userName),
    name: { givenName: 'Onboard', familyName: `Test ${number}` },
    displayName: `Onboard Test ${number}`,
    active: true,
  }
  if (dialect === 'okta') {
    const emails = [{ primary: true, value: userName, type: 'work' }]
    return { schemas: [SCHEMA.user], ...person, emails, locale: 'en-US', groups: [], password: 'Onboard-scim-test-1' }
  }
  const emails = [{ primary: true, type: 'work', value: userName }]
  if (dialect === 'entra')
    return { schemas: [SCHEMA.user, SCHEMA.enterprise], ...person, emails, meta: { resourceType: 'User' }, roles: [] }
  return { schemas: [SCHEMA.user], ...person, emails }
}

export function newGroup(dialect: Dialect, displayName: string): JsonObject {
  const core = { displayName, externalId: externalId(displayName) }
  if (dialect === 'okta') return { schemas: [SCHEMA.group], displayName, members: [] }
  if (dialect === 'entra') {
    return {
      schemas: [SCHEMA.group, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      ...core,
      meta: { resourceType: 'Group' },
    }
  }
  return { schemas: [SCHEMA.group], displayName }
}

export function externalId(name: string): string {
  return `onboard-${name}`
}

type Send = (method: ScimRequest['method'], path: string) => Promise<Answer>

/**
 * Removes every identity under these names, whoever made it: this run, or one that was killed. Gives those that are
 * still there. A server that answers nothing useful leaves nothing to remove: its checks will say so.
 */
export async function sweep(
  send: Send,
  names: Names,
  known: readonly { readonly type: 'User' | 'Group'; readonly made: Made }[] = [],
): Promise<string[]> {
  const found = new Map<string, { type: 'User' | 'Group'; made: Made }>(known.map((one) => [one.made.id, one]))
  for (const [type, path, attribute, name, most] of [
    ['Group', '/Groups', 'displayName', names.group, MOST.groups],
    ['User', '/Users', 'userName', names.user, MOST.users],
  ] as const) {
    for (let number = 1; number <= most; number++) {
      const answer = await send('GET', `${path}${filter(attribute, 'eq', name(number))}`)
      for (const one of objects(answer.body?.['Resources'])) {
        const id = text(one['id'])
        // A server that ignores filters returns everybody: only what bears our name is ours to remove.
        if (id !== undefined && text(one[attribute])?.toLowerCase() === name(number).toLowerCase())
          found.set(id, { type, made: { id, name: name(number) } })
      }
    }
  }
  const left: string[] = []
  // Groups first: a group may hold its members in place.
  for (const { type, made } of [...found.values()].toSorted((a, b) => a.type.localeCompare(b.type))) {
    const path = `/${type}s/${encodeURIComponent(made.id)}`
    await send('DELETE', path)
    // Believed when seen: a server may say 204 and keep it.
    if ((await send('GET', path)).status !== 404) left.push(`${type} ${made.name}`)
  }
  return left
}

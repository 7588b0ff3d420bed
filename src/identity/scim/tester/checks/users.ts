import { externalId, newUser } from '../bench.ts'
import { filter, list, patch, refused, resource, SCHEMA, status, text } from '../expect.ts'
import type { Check, Made, Trial } from '../tester.ts'

/** Users are made, looked up and read (RFC 7644 §3.3, §3.4.1). */
export const users: readonly Check[] = [
  {
    id: 'lookup-nobody',
    title: 'Looking up somebody who is not there gives an empty list',
    paragraph: 'RFC 7644 §3.4.2',
    admin:
      'Okta: the import or assignment fails with an error before any user is made. Entra ID: Test Connection fails.',
    async run(trial) {
      const nobody = `onboard-scim-test-nobody-${Date.now().toString(36)}`
      const more = trial.dialect === 'okta' ? '&startIndex=1&count=100' : ''
      const found = list(trial, await trial.send('GET', `/Users${filter('userName', 'eq', nobody, more)}`))
      if (found !== undefined && found.length > 0)
        trial.fault(`gave ${found.length} users, none of whom has that userName: the filter is not applied`)
    },
  },
  {
    id: 'create-user',
    title: 'A user is made',
    paragraph: 'RFC 7644 §3.3',
    admin: 'Assigning a user fails; the directory shows the user with an error.',
    async run(trial) {
      for (const number of [1, 2]) await create(trial, number)
    },
  },
  {
    id: 'read-user',
    title: 'A user is read as it was made',
    paragraph: 'RFC 7644 §3.4.1',
    admin: 'The directory cannot match its users with those here.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const body = await readUser(trial, made)
      if (body !== undefined && body['id'] !== made.id)
        trial.fault(`the user read has the id ${JSON.stringify(body['id'] ?? null)}, not ${made.id}`)
      if (body !== undefined && text(body['userName'])?.toLowerCase() !== made.name)
        trial.fault(`its userName is ${JSON.stringify(body['userName'] ?? null)}`)
      if (body !== undefined && body['externalId'] !== externalId(made.name))
        trial.fault('its externalId is not the one given')
    },
  },
  {
    id: 'duplicate-user',
    title: 'A second user of the same name is refused',
    paragraph: 'RFC 7644 §3.3.1, RFC 7643 §4.1.1',
    admin: 'People appear twice, or lose their access when the second one is removed.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      for (const name of [made.name, made.name.toUpperCase()]) {
        const answer = await trial.send('POST', '/Users', newUser(trial.dialect, name, 1))
        const id = text(answer.body?.['id'])
        // A server that lets it in has made one more to clean up.
        if (answer.status === 201 && id !== undefined) trial.bench.users.push({ id, name })
        if (answer.status === 201 && name !== made.name)
          trial.fault('a userName that differs in case alone was taken: it is unique without regard to case')
        else refused(trial, answer, 409, 'uniqueness')
      }
    },
  },
  {
    id: 'incomplete-user',
    title: 'A user without a userName is refused',
    paragraph: 'RFC 7644 §3.12',
    dialects: ['rfc'],
    admin: 'A mistake in the attribute mapping makes users that nobody can find again.',
    async run(trial) {
      const answer = await trial.send('POST', '/Users', {
        schemas: [SCHEMA.user],
        displayName: 'Onboard SCIM test without a name',
      })
      const id = text(answer.body?.['id'])
      if (answer.status === 201 && id !== undefined) trial.bench.users.push({ id, name: 'without a name' })
      refused(trial, answer, 400, 'invalidValue')
    },
  },
  {
    id: 'unknown-user',
    title: 'A user who is not there is not found',
    paragraph: 'RFC 7644 §3.12',
    admin: 'The directory believes that users are there who are not.',
    async run(trial) {
      refused(trial, await trial.send('GET', '/Users/00000000-0000-4000-8000-000000000000'), 404)
    },
  },
  {
    id: 'no-write-to-id',
    title: 'The id of a user cannot be changed',
    paragraph: 'RFC 7643 §3.1, RFC 7644 §3.5.2',
    dialects: ['rfc'],
    admin: 'Nothing at first; users are mixed up when two get the same id.',
    async run(trial) {
      const made = need(trial, 'users', 1)
      const answer = await trial.send(
        'PATCH',
        `/Users/${encodeURIComponent(made.id)}`,
        patch({ op: 'replace', path: 'id', value: 'onboard-scim-test' }),
      )
      refused(trial, answer, 400, 'mutability')
    },
  },
]

/** Makes test user `number` and keeps it for the checks that come after. */
export async function create(trial: Trial, number: number): Promise<void> {
  const name = trial.bench.names.user(number)
  const answer = await trial.send('POST', '/Users', newUser(trial.dialect, name, number))
  if (!status(trial, answer, 201)) return
  const body = resource(trial, answer, 'User')
  const id = text(body?.['id'])
  if (body === undefined || id === undefined) return
  trial.bench.users.push({ id, name })
  if (text(body['userName'])?.toLowerCase() !== name)
    trial.fault(`the new user's userName is ${JSON.stringify(body['userName'] ?? null)}, not "${name}"`)
  if (body['active'] !== true)
    trial.fault(`the new user's active is ${JSON.stringify(body['active'] ?? null)}, not true`)
  if (answer.headers['location'] === undefined) trial.doubt('the 201 comes without a Location')
}

/** A test identity that an earlier check has made. */
export function need(trial: Trial, what: 'users' | 'groups', at: number): Made {
  const made = trial.bench[what][at]
  return made ?? trial.skip(`needs a ${what === 'users' ? 'user' : 'group'}, and none could be made`)
}

export async function readUser(trial: Trial, made: Made) {
  const answer = await trial.send('GET', `/Users/${encodeURIComponent(made.id)}`)
  return status(trial, answer, 200) ? resource(trial, answer, 'User') : undefined
}

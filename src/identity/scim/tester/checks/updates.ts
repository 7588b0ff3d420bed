import { filter, list, message, object, objects, patch, refused, resource, SCHEMA, status, text } from '../expect.ts'
import type { Check, Made, Trial } from '../tester.ts'
import type { JsonObject } from '../../../../model.ts'
import { need, readUser } from './users.ts'

/** Users change: PUT (RFC 7644 §3.5.1), PATCH (§3.5.2), deactivation, versions (§3.14). */
export const updates: readonly Check[] = [
  {
    id: 'put-user',
    title: 'A user is replaced, and reads as replaced at once',
    paragraph: 'RFC 7644 §3.5.1',
    dialects: ['rfc', 'okta'],
    admin: 'Okta: changes of a profile do not arrive, or arrive one sync late.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const before = await readUser(trial, made)
      if (before === undefined) return
      // Okta sends back what it read, id and meta included, with its change.
      const displayName = 'Onboard Test Replaced'
      const answer = await trial.send('PUT', path(made), { ...before, displayName })
      if (!status(trial, answer, 200)) return
      const body = resource(trial, answer, 'User')
      if (body !== undefined && body['displayName'] !== displayName)
        trial.fault('the answer to PUT has the old displayName')
      const after = await readUser(trial, made)
      if (after !== undefined && after['displayName'] !== displayName)
        trial.fault('reading after PUT gives the old displayName')
    },
  },
  {
    id: 'patch-user',
    title: 'One attribute of a user is changed, the others stay',
    paragraph: 'RFC 7644 §3.5.2',
    admin: 'Changes of a profile fail or wipe other attributes.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const familyName = 'Patched'
      const operation: JsonObject =
        trial.dialect === 'okta'
          ? { op: 'replace', value: { name: { givenName: 'Onboard', familyName } } }
          : { op: trial.dialect === 'entra' ? 'Replace' : 'replace', path: 'name.familyName', value: familyName }
      if (!(await changed(trial, made, operation))) return
      const after = await readUser(trial, made)
      const name = object(after?.['name'])
      if (name !== undefined && name['familyName'] !== familyName)
        trial.fault('reading after PATCH gives the old name.familyName')
      if (name !== undefined && name['givenName'] !== 'Onboard') trial.fault('name.givenName was lost')
      if (after !== undefined && text(after['userName'])?.toLowerCase() !== made.name)
        trial.fault('userName was changed along with it')
    },
  },
  {
    id: 'patch-new-element',
    title: 'Adding to an element of a list that is not there makes it',
    paragraph: 'Entra ID sends it; RFC 7644 §3.5.2.1 leaves it open',
    dialects: ['entra'],
    admin: 'Entra ID: phone numbers and addresses never arrive; the user is shown with an error in every sync.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const value = '+49 30 5550100'
      if (!(await changed(trial, made, { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value }))) return
      const after = await readUser(trial, made)
      const numbers = objects(after?.['phoneNumbers'])
      if (after !== undefined && !numbers.some((one) => one['type'] === 'work' && one['value'] === value))
        trial.fault('the element was not made')
    },
  },
  {
    id: 'patch-flat-keys',
    title: 'Dotted keys and full URNs in one replace without a path are understood',
    paragraph: 'Entra ID sends it with its compatibility flag; RFC 7644 §3.5.2.3, §3.10',
    dialects: ['entra'],
    admin: 'Entra ID: names and departments stay as they were.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const value = { 'name.givenName': 'Flat', [`${SCHEMA.enterprise}:department`]: 'Onboarding' }
      if (!(await changed(trial, made, { op: 'Replace', value }))) return
      const after = await readUser(trial, made)
      if (after === undefined) return
      if (object(after['name'])?.['givenName'] !== 'Flat') trial.fault('name.givenName was not changed')
      if (object(after[SCHEMA.enterprise])?.['department'] !== 'Onboarding')
        trial.fault(`${SCHEMA.enterprise}:department was not set`)
    },
  },
  {
    id: 'deactivate',
    title: 'A user is deactivated, and still listed',
    paragraph: 'RFC 7643 §4.1.1, RFC 7644 §3.5.2',
    admin: 'People who have left keep their access.',
    async run(trial) {
      const made = need(trial, 'users', 1)
      await setActive(trial, made, false)
      const found = list(trial, await trial.send('GET', `/Users${filter('userName', 'eq', made.name)}`))
      if (found !== undefined && !found.some((one) => one['id'] === made.id))
        trial.fault('a deactivated user is not found any more: the directory would make it again')
    },
  },
  {
    id: 'reactivate',
    title: 'A user is activated again',
    paragraph: 'RFC 7643 §4.1.1, RFC 7644 §3.5.2',
    admin: 'People who come back get no access.',
    async run(trial) {
      await setActive(trial, need(trial, 'users', 1), true)
    },
  },
  {
    id: 'bad-path',
    title: 'A change of what does not exist is refused',
    paragraph: 'RFC 7644 §3.5.2, §3.12',
    dialects: ['rfc'],
    admin: 'A mistake in the mapping goes unnoticed.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      const answer = await trial.send('PATCH', path(made), patch({ op: 'replace', path: 'emails[type eq', value: 'x' }))
      refused(trial, answer, 400, 'invalidPath')
      refused(trial, await trial.send('PATCH', path(made), patch({ op: 'remove' })), 400, 'noTarget')
    },
  },
  {
    id: 'versions',
    title: 'A change of an old version is refused',
    paragraph: 'RFC 7644 §3.14',
    dialects: ['rfc'],
    admin: 'Nothing; two administrators at once overwrite each other.',
    async run(trial) {
      if (trial.bench.features?.etag !== true) trial.skip('the server says that it has no versions')
      const made = need(trial, 'users', 0)
      const answer = await trial.send('GET', path(made))
      const version = answer.headers['etag'] ?? text(object(answer.body?.['meta'])?.['version'])
      if (version === undefined) return trial.fault('etag.supported is true, and a user comes without a version')
      const again = await trial.send('GET', path(made), undefined, { 'if-none-match': version })
      if (again.status !== 304)
        trial.fault(`answered ${again.status} to If-None-Match with the version it gave, not 304`)
      const stale = await trial.send(
        'PATCH',
        path(made),
        patch({ op: 'replace', path: 'displayName', value: 'Onboard Test' }),
        { 'if-match': 'W/"onboard-scim-test"' },
      )
      refused(trial, stale, 412)
    },
  },
  {
    id: 'bulk',
    title: 'Several requests in one are done',
    paragraph: 'RFC 7644 §3.7',
    dialects: ['rfc'],
    admin: 'Nothing: the known directories do not use it.',
    async run(trial) {
      if (trial.bench.features?.bulk !== true) trial.skip('the server says that it takes no bulk requests')
      const made = need(trial, 'users', 0)
      const data = patch({ op: 'replace', path: 'displayName', value: 'Onboard Test Bulk' })
      const answer = await trial.send('POST', '/Bulk', {
        schemas: [SCHEMA.bulk],
        failOnErrors: 1,
        Operations: [{ method: 'PATCH', path: path(made), data }],
      })
      if (!status(trial, answer, 200)) return
      const body = message(trial, answer, SCHEMA.bulkResponse)
      const [operation] = objects(body?.['Operations'])
      const done = operation?.['status']
      if (body !== undefined && done !== '200' && done !== '204')
        trial.fault(`the operation's status is ${JSON.stringify(done ?? null)}, not the string "200" or "204"`)
      const after = await readUser(trial, made)
      if (after !== undefined && after['displayName'] !== 'Onboard Test Bulk')
        trial.fault('the change of the bulk request was not made')
    },
  },
]

export function path(made: Made, type: 'Users' | 'Groups' = 'Users'): string {
  return `/${type}/${encodeURIComponent(made.id)}`
}

/** Sends one PATCH to a user; false where it was not taken. */
async function changed(trial: Trial, made: Made, operation: JsonObject): Promise<boolean> {
  const answer = await trial.send('PATCH', path(made), patch(operation))
  if (!status(trial, answer, 200, 204)) return false
  if (answer.status === 200) resource(trial, answer, 'User')
  return true
}

/** As each directory does it; Entra ID sends the text "False" unless its compatibility flag is set. */
async function setActive(trial: Trial, made: Made, active: boolean): Promise<void> {
  const operation: JsonObject = {
    rfc: { op: 'replace', path: 'active', value: active },
    okta: { op: 'replace', value: { active } },
    entra: { op: 'Replace', path: 'active', value: active ? 'True' : 'False' },
  }[trial.dialect]
  if (!(await changed(trial, made, operation))) return
  const after = await readUser(trial, made)
  if (after !== undefined && after['active'] !== active)
    trial.fault(`reading it gives active ${JSON.stringify(after['active'] ?? null)}, not ${active}`)
}

import { newGroup } from '../bench.ts'
import { filter, list, objects, patch, resource, status, text, whole } from '../expect.ts'
import type { Check, Made, Trial } from '../tester.ts'
import type { JsonObject } from '../../../../model.ts'
import { path } from './updates.ts'
import { need } from './users.ts'

/** Groups and their members (RFC 7643 §4.2, RFC 7644 §3.5.2). */
export const groups: readonly Check[] = [
  {
    id: 'create-group',
    title: 'A group is made',
    paragraph: 'RFC 7644 §3.3',
    admin: 'Okta: pushing a group fails. Entra ID: groups are shown with an error.',
    async run(trial) {
      const name = trial.bench.names.group(1)
      const answer = await trial.send('POST', '/Groups', newGroup(trial.dialect, name))
      if (!status(trial, answer, 201)) return
      const body = resource(trial, answer, 'Group')
      const id = text(body?.['id'])
      if (body === undefined || id === undefined) return
      trial.bench.groups.push({ id, name })
      if (body['displayName'] !== name)
        trial.fault(`its displayName is ${JSON.stringify(body['displayName'] ?? null)}, not "${name}"`)
    },
  },
  {
    id: 'filter-group',
    title: 'A group is found by displayName',
    paragraph: 'RFC 7644 §3.4.2.2',
    admin: 'Every sync makes the same groups again.',
    async run(trial) {
      const made = need(trial, 'groups', 0)
      const more = trial.dialect === 'entra' ? '&excludedAttributes=members' : ''
      const found = list(trial, await trial.send('GET', `/Groups${filter('displayName', 'eq', made.name, more)}`))
      const mine = found?.find((one) => one['id'] === made.id)
      if (found !== undefined && mine === undefined) trial.fault(`displayName eq "${made.name}" does not find it`)
      if (mine !== undefined) whole(trial, mine, 'Group')
    },
  },
  {
    id: 'add-members',
    title: 'Members are added, one and several at a time',
    paragraph: 'RFC 7644 §3.5.2.1',
    admin: 'Members of a group do not arrive, and lack the role that it gives.',
    async run(trial) {
      const made = need(trial, 'groups', 0)
      const [one, other] = [need(trial, 'users', 0), need(trial, 'users', 1)]
      const op = trial.dialect === 'entra' ? 'Add' : 'add'
      if (!(await changed(trial, made, { op, path: 'members', value: [{ value: one.id }] }))) return
      if (!(await changed(trial, made, { op, path: 'members', value: [{ value: one.id }, { value: other.id }] })))
        return
      await members(trial, made, [one.id, other.id])
    },
  },
  {
    id: 'remove-member',
    title: 'One member is removed, the others stay',
    paragraph: 'RFC 7644 §3.5.2.2',
    admin: 'Removing one person from a group removes everybody, or nobody.',
    async run(trial) {
      const made = need(trial, 'groups', 0)
      const [one, other] = [need(trial, 'users', 0), need(trial, 'users', 1)]
      // Whatever adding did before, it begins with these two.
      await trial.send(
        'PATCH',
        path(made, 'Groups'),
        patch({ op: 'replace', path: 'members', value: [{ value: one.id }, { value: other.id }] }),
      )
      if (!(await holds(trial, made, [one.id, other.id]))) trial.skip('needs a group with two members')
      const operation: JsonObject =
        trial.dialect === 'entra'
          ? { op: 'Remove', path: 'members', value: [{ $ref: null, value: one.id }] }
          : { op: 'remove', path: `members[value eq ${JSON.stringify(one.id)}]` }
      if (await changed(trial, made, operation)) await members(trial, made, [other.id])
    },
  },
  {
    id: 'replace-members',
    title: 'All members are replaced',
    paragraph: 'RFC 7644 §3.5.2.3',
    dialects: ['rfc', 'okta'],
    admin: 'Okta: pushing a group again leaves old members in it.',
    async run(trial) {
      const made = need(trial, 'groups', 0)
      const one = need(trial, 'users', 0)
      if (await changed(trial, made, { op: 'replace', path: 'members', value: [{ value: one.id }] }))
        await members(trial, made, [one.id])
    },
  },
  {
    id: 'without-members',
    title: 'A group is read without its members',
    paragraph: 'RFC 7644 §3.4.2.5',
    dialects: ['rfc', 'entra'],
    admin: 'Entra ID: syncs of large groups time out.',
    async run(trial) {
      const made = need(trial, 'groups', 0)
      const answer = await trial.send('GET', `${path(made, 'Groups')}?excludedAttributes=members`)
      if (status(trial, answer, 200) && answer.body?.['members'] !== undefined)
        trial.fault('excludedAttributes=members returns members')
    },
  },
  {
    id: 'rename-group',
    title: 'A group is renamed, and keeps its members',
    paragraph: 'RFC 7644 §3.5.2.3',
    admin: 'A renamed group is shown with an error, or is empty.',
    async run(trial) {
      const made = need(trial, 'groups', 0)
      const before = await read(trial, made)
      const displayName = trial.bench.names.group(2)
      const operation: JsonObject = {
        rfc: { op: 'replace', path: 'displayName', value: displayName },
        okta: { op: 'replace', value: { id: made.id, displayName } },
        entra: { op: 'Replace', path: 'displayName', value: displayName },
      }[trial.dialect]
      if (!(await changed(trial, made, operation))) return
      const after = await read(trial, made)
      if (after === undefined || before === undefined) return
      if (after['displayName'] !== displayName)
        trial.fault(`reading it gives the displayName ${JSON.stringify(after['displayName'] ?? null)}`)
      if (ids(after).join() !== ids(before).join()) trial.fault('its members changed along with the name')
    },
  },
]

/** What is removed is gone (RFC 7644 §3.6). */
export const removal: readonly Check[] = [
  {
    id: 'delete-group',
    title: 'A group is removed',
    paragraph: 'RFC 7644 §3.6',
    admin: 'Groups that were unlinked stay, and go on giving roles.',
    async run(trial) {
      const made = need(trial, 'groups', 0)
      await removed(trial, 'Groups', made)
      trial.bench.groups.shift()
    },
  },
  {
    id: 'delete-user',
    title: 'A user is removed',
    paragraph: 'RFC 7644 §3.6',
    // Okta deactivates users and never removes them.
    dialects: ['rfc', 'entra'],
    admin: 'Users who were removed for good stay.',
    async run(trial) {
      const made = need(trial, 'users', 0)
      await removed(trial, 'Users', made)
      trial.bench.users.shift()
    },
  },
]

async function removed(trial: Trial, type: 'Users' | 'Groups', made: Made): Promise<void> {
  const answer = await trial.send('DELETE', path(made, type))
  if (!status(trial, answer, 204)) return
  status(trial, await trial.send('GET', path(made, type)), 404)
  status(trial, await trial.send('DELETE', path(made, type)), 404)
}

/** Sends one PATCH to a group; Entra ID wants 204, the RFC allows 200 with the group as well. */
async function changed(trial: Trial, made: Made, operation: JsonObject): Promise<boolean> {
  const answer = await trial.send('PATCH', path(made, 'Groups'), patch(operation))
  if (!status(trial, answer, 200, 204)) return false
  if (answer.status === 200) resource(trial, answer, 'Group')
  return true
}

async function read(trial: Trial, made: Made): Promise<JsonObject | undefined> {
  const answer = await trial.send('GET', path(made, 'Groups'))
  return status(trial, answer, 200) ? resource(trial, answer, 'Group') : undefined
}

function ids(group: JsonObject): readonly string[] {
  return objects(group['members'])
    .map((one) => String(one['value']))
    .toSorted()
}

async function holds(trial: Trial, made: Made, wanted: readonly string[]): Promise<boolean> {
  const body = await read(trial, made)
  return body !== undefined && ids(body).join() === wanted.toSorted().join()
}

async function members(trial: Trial, made: Made, wanted: readonly string[]): Promise<void> {
  const body = await read(trial, made)
  if (body === undefined) return
  const found = ids(body)
  if (found.join() === wanted.toSorted().join()) return
  const twice = found.length !== new Set(found).size
  trial.fault(
    `reading it gives ${found.length} member${found.length === 1 ? '' : 's'}` +
      `${twice ? ', one of them twice' : ''}, not the ${wanted.length} that it should have`,
  )
}

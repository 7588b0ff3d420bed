import { list, message, object, objects, refused, SCHEMA, status, strings, text } from '../expect.ts'
import type { Check } from '../tester.ts'

/** What the server says of itself (RFC 7644 §4). */
export const discovery: readonly Check[] = [
  {
    id: 'service-provider-config',
    title: 'The server says what it can do',
    paragraph: 'RFC 7644 §4, RFC 7643 §5',
    admin: 'Setting up the connection may fail, or offer the wrong options.',
    async run(trial) {
      const answer = await trial.send('GET', '/ServiceProviderConfig')
      if (!status(trial, answer, 200)) return
      const body = message(trial, answer, SCHEMA.config)
      if (body === undefined) return
      const supported = (name: string): boolean => {
        const value = object(body[name])?.['supported']
        if (typeof value !== 'boolean')
          trial.fault(`${name}.supported is ${JSON.stringify(value ?? null)}, not true or false`)
        return value === true
      }
      const [, bulk, filtering, , sort, etag] = ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag'].map(
        supported,
      )
      trial.bench.features = { bulk: bulk === true, sort: sort === true, etag: etag === true }
      if (filtering === false)
        trial.fault('filters are said not to be supported; every directory looks users up by one')
      if (!Array.isArray(body['authenticationSchemes'])) trial.fault('authenticationSchemes is no list')
    },
  },
  {
    id: 'resource-types',
    title: 'It lists users and groups among its resource types',
    paragraph: 'RFC 7643 §6',
    admin: 'A directory that discovers what there is finds nothing to sync.',
    async run(trial) {
      const found = list(trial, await trial.send('GET', '/ResourceTypes'))
      if (found === undefined) return
      const user = found.find((one) => one['schema'] === SCHEMA.user)
      if (user === undefined) trial.fault(`no resource type has the schema ${SCHEMA.user}`)
      else if (text(user['endpoint']) === undefined) trial.fault('the resource type of users has no endpoint')
      if (!found.some((one) => one['schema'] === SCHEMA.group)) trial.doubt('groups are not among the resource types')
    },
  },
  {
    id: 'schemas',
    title: 'It lists the attributes that it knows',
    paragraph: 'RFC 7643 §7',
    admin: 'Attribute mapping shows no attributes, or an error.',
    async run(trial) {
      const answer = await trial.send('GET', '/Schemas')
      const found = list(trial, answer)
      if (found === undefined) return
      const user = found.find((one) => one['id'] === SCHEMA.user)
      if (user === undefined) trial.fault(`${SCHEMA.user} is not among the schemas`)
      else if (!objects(user['attributes']).some((one) => one['name'] === 'userName'))
        trial.fault('the schema of users has no attribute userName')
      // Entra ID's schema discovery stops at a null (its SCIM reference).
      if (trial.dialect === 'entra' && hasNull(answer.body)) trial.fault('there are nulls in it')
    },
  },
  {
    id: 'discovery-filter',
    title: 'It refuses to filter what it says of itself',
    paragraph: 'RFC 7644 §4',
    dialects: ['rfc'],
    admin: 'Nothing: no directory does this.',
    async run(trial) {
      const answer = await trial.send('GET', `/ResourceTypes?filter=${encodeURIComponent('name eq "User"')}`)
      if (answer.status !== 403) trial.doubt(`answered ${answer.status} to a filter, not 403`)
    },
  },
]

/** What happens without the right token (RFC 7644 §2). */
export const access: readonly Check[] = [
  {
    id: 'no-token',
    title: 'Nobody gets in without a token',
    paragraph: 'RFC 7644 §2',
    admin: 'Nothing, and that is the trouble: anybody who knows the address can read and change the users.',
    async run(trial) {
      refusedAccess(trial, await trial.sendAs(null, 'GET', '/Users?count=1'))
    },
  },
  {
    id: 'bad-token',
    title: 'Nobody gets in with a wrong token',
    paragraph: 'RFC 7644 §2, RFC 6750 §3.1',
    admin: 'Nothing, and that is the trouble: any token opens the door.',
    async run(trial) {
      refusedAccess(trial, await trial.sendAs('onboard-scim-test-wrong-token', 'GET', '/Users?count=1'))
    },
  },
]

function refusedAccess(
  trial: Parameters<Check['run']>[0],
  answer: Awaited<ReturnType<Parameters<Check['run']>[0]['sendAs']>>,
): void {
  if (!status(trial, answer, 401)) return
  if (answer.headers['www-authenticate'] === undefined) trial.doubt('the 401 comes without WWW-Authenticate')
  if (answer.body !== undefined && strings(answer.body['schemas']).includes(SCHEMA.error)) refused(trial, answer, 401)
}

function hasNull(value: unknown): boolean {
  if (value === null) return true
  return typeof value === 'object' && Object.values(value as object).some(hasNull)
}

/**
 * The customer's directory: sends what Okta sends, then what Entra ID sends, to the SCIM endpoint that it was given.
 */
import { OnboardError } from '../../errors.ts'

interface Endpoint {
  /** `https://app.vendor.example/scim/v2/acme` */
  readonly url: string
  readonly token: string
}

type Body = Readonly<Record<string, unknown>>
interface Listed {
  readonly totalResults: number
  readonly Resources?: readonly { readonly id: string }[]
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** Whom the directory switches off at the end. */
export const LEAVER = 'rui@acme.example'

/** One request; throws failed with what the endpoint answered where that is no success. */
function calling({ url, token }: Endpoint, type: string) {
  return async (method: string, path: string, body?: Body): Promise<Body> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, accept: type, ...(body && { 'content-type': type }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) {
      const message = `The demo stops here: ${method} ${path} was answered with ${answer.status}: ${text.slice(0, 300)}`
      throw new OnboardError('failed', 'demo-stopped', message)
    }
    return text === '' ? {} : (JSON.parse(text) as Body)
  }
}

/** The id of what a request has made. */
const idOf = (made: Body): string => String(made['id'])

/** The id of the first resource that a search has found. */
const firstOf = (found: Body): string | undefined => (found as unknown as Listed).Resources?.[0]?.id

export async function playDirectory(endpoint: Endpoint): Promise<void> {
  await asOkta(endpoint)
  await asEntra(endpoint)
}

/** Looks before it creates, changes by GET and PUT of the whole, and switches off by a value without a path. */
async function asOkta(endpoint: Endpoint): Promise<void> {
  const call = calling(endpoint, 'application/scim+json; charset=utf-8')
  const known = async (filter: string, kind: string): Promise<string | undefined> => (
    firstOf(await call('GET', `/${kind}?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`))
  )
  const user = async (email: string, given: string, family: string): Promise<string> => {
    const id = await known(`userName eq "${email}"`, 'Users')
    if (id !== undefined) return id
    return idOf(await call('POST', '/Users', {
      schemas: [USER], userName: email, name: { givenName: given, familyName: family },
      displayName: `${given} ${family}`, emails: [{ primary: true, value: email, type: 'work' }],
      locale: 'en-US', externalId: `okta-${email}`, groups: [], active: true,
    }))
  }
  const [lena, rui] = [await user('lena@acme.example', 'Lena', 'Wolf'), await user(LEAVER, 'Rui', 'Costa')]
  const name = 'Plant Managers'
  const group = (await known(`displayName eq "${name}"`, 'Groups'))
    ?? idOf(await call('POST', '/Groups', { schemas: [GROUP], displayName: name, members: [] }))
  const members = (...operations: Body[]): Promise<Body> => (
    call('PATCH', `/Groups/${group}`, { schemas: [PATCH], Operations: operations })
  )
  const both = [{ value: lena, display: 'Lena Wolf' }, { value: rui, display: 'Rui Costa' }]
  await members({ op: 'add', path: 'members', value: both })
  await members({ op: 'remove', path: `members[value eq "${rui}"]` })
  // Married, and renamed by everything that is known of her.
  const whole = await call('GET', `/Users/${lena}`)
  const renamed = { name: { givenName: 'Lena', familyName: 'Wolf-Sommer' }, displayName: 'Lena Wolf-Sommer' }
  await call('PUT', `/Users/${lena}`, { ...whole, ...renamed })
  await call('PATCH', `/Users/${rui}`, { schemas: [PATCH], Operations: [{ op: 'replace', value: { active: false } }] })
}

/** Tests with somebody who is nobody, writes operations with capitals, and booleans as words. */
async function asEntra(endpoint: Endpoint): Promise<void> {
  const call = calling(endpoint, 'application/scim+json')
  await call('GET', `/Users?filter=${encodeURIComponent('userName eq "6b8f0c1e-6b55-4f0c-9d0e-0d7c3c5f4b1a"')}`)
  const email = 'omar@acme.example'
  const found = await call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${email}"`)}`)
  const id = firstOf(found) ?? idOf(await call('POST', '/Users', {
    schemas: [USER, ENTERPRISE], externalId: 'omar', userName: email, active: true, displayName: 'Omar Haddad',
    emails: [{ primary: true, type: 'work', value: email }], meta: { resourceType: 'User' },
    name: { formatted: 'Omar Haddad', familyName: 'Haddad', givenName: 'Omar' }, roles: [],
    [ENTERPRISE]: { department: 'Logistics' },
  }))
  const change = (...operations: Body[]) => call('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: operations })
  await change(
    { op: 'Replace', path: 'displayName', value: 'Omar Haddad (Plant 2)' },
    { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+49 30 1234568' },
  )
  await change({ op: 'Replace', path: 'active', value: 'False' })
  await change({ op: 'Replace', path: 'active', value: 'True' })
}

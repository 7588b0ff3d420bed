/**
 * A SAML identity provider in this process, for the demo and for tests, as strict as real ones: it checks who asks,
 * encrypts where it is told to, and changes its key. It listens on loopback alone.
 */
import { randomBytes, X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Secret } from '../../contract.ts'
import type { Certificate } from '../../identity/login/types.ts'
import { certificateOf } from '../../identity/saml/certificates.ts'
import { newKey } from '../../identity/saml/keys.ts'
import { logoutResponse } from '../../identity/saml/messages.ts'
import { checkQuery, redirected, redirectUrl } from '../../identity/saml/redirect.ts'
import { verified } from '../../identity/saml/signature.ts'
import { signaturesOf } from '../../identity/saml/structure.ts'
import { spUrls } from '../../identity/saml/urls.ts'
import { withXml } from '../../identity/saml/xml.ts'
import type { Person } from './openid-provider.ts'
import { CREDENTIALS, escaped, HTML, page, textOf, WRONG } from './provider-page.ts'
import { bodyOf, encryptedXml, type IdpKey, responseXml, signedXml } from './saml-message.ts'

/** What the provider is told of an application: its metadata. */
export interface ServiceProvider {
  readonly entity_id: string
  readonly acs: string
  readonly slo: string
  /** PEM; none: its requests need not be signed. */
  readonly certificates: readonly string[]
  /** Whether assertions are encrypted for the first certificate. */
  readonly encrypt?: boolean
}

export interface SamlProvider {
  readonly entity_id: string
  /** XML, as it is now. */
  metadata(): string
  /** The application is known from now on. */
  register(sp: ServiceProvider): void
  /** Signs with a new key from now on; the metadata names both. */
  rotate(): Promise<void>
  close(): Promise<void>
}

interface Choices {
  readonly port?: number
  /** Milliseconds; default: the machine's clock. */
  readonly now?: () => number
}

/** Somebody who is asked for a password. */
interface Waiting {
  readonly sp: ServiceProvider
  /** null: the login began here. */
  readonly request: string | null
  readonly relay_state: string | null
}

export async function startSamlProvider(
  people: readonly Person[], { port = 0, now = Date.now }: Choices = {},
): Promise<SamlProvider> {
  const known = new Map<string, ServiceProvider>()
  const waiting = new Map<string, Waiting>()
  const made = async (): Promise<IdpKey> => {
    const { certificate, privateKey } = await newKey('identity provider', new Date(now() - 60_000).toISOString())
    return { certificate, private_key: privateKey.reveal() }
  }
  const keys: [IdpKey, ...IdpKey[]] = [await made()]
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : 'This was not understood.'
      response.writeHead(400, HTML).end(page(`<p role="alert">${escaped(message)}</p>`))
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const entity_id = `${origin}/metadata`

  const metadata = (): string => idpMetadata(entity_id, origin, keys)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search, searchParams } = new URL(request.url ?? '/', origin)
    if (pathname === '/metadata') return void response.writeHead(200, SAML_METADATA).end(metadata())
    if (pathname === '/sso' && search.includes('SAMLRequest=')) return ask(response, asked(search.slice(1)))
    if (request.method === 'POST' && (pathname === '/sso' || pathname === '/slo')) {
      const one = posted(new URLSearchParams(await textOf(request)))
      return pathname === '/sso' ? ask(response, one) : signOut(response, one)
    }
    if (pathname === '/slo') return signOut(response, asked(search.slice(1)))
    if (pathname === '/start') {
      const sp = found(searchParams.get('sp') ?? '')
      return ask(response, { sp, request: null, relay_state: searchParams.get('RelayState') })
    }
    const id = /^\/sign-in\/([\w-]+)$/.exec(pathname)?.[1]
    const one = id === undefined ? undefined : waiting.get(id)
    if (id === undefined || one === undefined || request.method !== 'POST') {
      throw new Error('This sign-in is over. Begin again.')
    }
    const given = new URLSearchParams(await textOf(request))
    const isRight = (one: Person) => one.email === given.get('email') && one.password === given.get('password')
    const person = people.find(isRight)
    if (person === undefined) return void response.writeHead(401, HTML).end(form(id, WRONG))
    waiting.delete(id)
    post(response, one, person)
  }

  function found(entityId: string): ServiceProvider {
    const sp = known.get(entityId)
    if (sp === undefined) throw new Error(`This application is not known here: ${entityId}`)
    return sp
  }

  function asked(query: string): Waiting {
    const message = redirected(query)
    return recognised(message.xml, message.relay_state, (certificates) => checkQuery(message, certificates))
  }

  function posted(fields: URLSearchParams): Waiting {
    const xml = Buffer.from(fields.get('SAMLRequest') ?? '', 'base64').toString()
    return recognised(xml, fields.get('RelayState'), (certificates) => withXml(xml, 'refused', (root) => {
      const [signature] = signaturesOf(root, [root])
      if (signature === undefined) throw new Error('This request is not signed.')
      verified(xml, signature, certificates)
    }))
  }

  function recognised(
    xml: string, relay_state: string | null, check: (certificates: readonly Certificate[]) => void,
  ): Waiting {
    const sp = found(/<saml:Issuer[^>]*>([^<]+)/.exec(xml)?.[1] ?? '')
    if (sp.certificates.length > 0) check(sp.certificates.map((pem) => certificateOf(new X509Certificate(pem).raw)))
    return { sp, request: /\sID="([^"]+)"/.exec(xml)?.[1] ?? '', relay_state }
  }

  function ask(response: ServerResponse, one: Waiting): void {
    const id = randomBytes(16).toString('hex')
    waiting.set(id, one)
    response.writeHead(200, HTML).end(form(id, ''))
  }

  function post(response: ServerResponse, { sp, request, relay_state }: Waiting, person: Person): void {
    const claims = Object.entries(person.claims ?? {}).map(
      ([name, value]) => [name, [value].flat().map(String)] as const,
    )
    const plain = responseXml({
      issuer: entity_id, recipient: sp.acs, audience: sp.entity_id, in_response_to: request, subject: person.id,
      session_index: `_${randomBytes(16).toString('hex')}`, now: now(),
      attributes: { email: [person.email], name: [person.name], ...Object.fromEntries(claims) },
    })
    const signed = signedXml(plain, 'assertion', keys[0])
    const [certificate] = sp.certificates
    const isEncrypted = sp.encrypt === true && certificate !== undefined
    const xml = isEncrypted ? encryptedXml(signed, certificate, 'aes256-gcm') : signed
    const fields = {
      SAMLResponse: Buffer.from(xml).toString('base64'), ...(relay_state === null ? {} : { RelayState: relay_state }),
    }
    response.writeHead(200, HTML).end(postedForm(sp.acs, fields))
  }

  function signOut(response: ServerResponse, { sp, request, relay_state }: Waiting): void {
    const head = {
      id: `_${randomBytes(16).toString('hex')}`, now: new Date(now()).toISOString(), to: sp.slo,
      urls: { ...spUrls(origin, '', ''), entity_id },
    }
    const signer = { certificate: keys[0].certificate, privateKey: new Secret(keys[0].private_key) }
    const to = redirectUrl(sp.slo, 'SAMLResponse', logoutResponse(head, request ?? '', 'done'), relay_state, signer)
    response.writeHead(303, { location: to.href }).end()
  }

  return {
    entity_id, metadata,
    register: (sp) => void known.set(sp.entity_id, sp),
    async rotate() {
      keys.unshift(await made())
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
const SAML_METADATA = { 'content-type': 'application/samlmetadata+xml' }

function idpMetadata(entity_id: string, origin: string, keys: readonly IdpKey[]): string {
  const described = keys.map(({ certificate }) => '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>'
    + `<ds:X509Certificate>${bodyOf(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`)
  return '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
    + ` xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${entity_id}">`
    + '<md:IDPSSODescriptor WantAuthnRequestsSigned="true"'
    + ' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    + described.join('')
    + `<md:SingleLogoutService Binding="${REDIRECT}" Location="${origin}/slo"/>`
    + `<md:SingleSignOnService Binding="${REDIRECT}" Location="${origin}/sso"/>`
    + '</md:IDPSSODescriptor></md:EntityDescriptor>'
}

/** A page that sends these fields by itself (SAML bindings §3.5: HTTP POST). */
function postedForm(action: string, fields: Readonly<Record<string, string>>): string {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`,
  )
  return page(`<form method="post" action="${escaped(action)}">${hidden.join('')}`
    + '<button type="submit">Continue</button></form><script>document.forms[0].submit()</script>')
}
const form = (id: string, before: string): string => page(`${before}
<form method="post" action="/sign-in/${id}">${CREDENTIALS}
<p><button type="submit">Sign in</button></p>
</form>`)

/**
 * A SAML identity provider in this process: plays the customer's, in the demo and in tests. It signs in whom it knows by
 * password, answers what it is asked, listens on loopback alone, and is for nothing else.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inflateRawSync } from 'node:zlib'
import { Secret } from '../../contract.ts'
import { logoutResponse } from '../../identity/saml/messages.ts'
import { redirectUrl } from '../../identity/saml/redirect.ts'
import type { SpUrls } from '../../identity/saml/urls.ts'
import { bodyOf, type IdpKey, responseXml, signedXml } from './saml-message.ts'

export interface SamlPerson {
  readonly email: string
  readonly password: string
  readonly name: string
  readonly groups: readonly string[]
}

export interface SamlProvider {
  /** Its addresses are https and name the customer's host; where a browser of the demo finds them. */
  reach(url: string): string
  close(): Promise<void>
}

interface Setting {
  readonly people: readonly SamlPerson[]
  readonly key: IdpKey
  /** Its clock, ISO 8601. */
  now(): Promise<string>
}

const ORIGIN = 'https://login.acme.example'
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

export async function startSamlProvider(setting: Setting): Promise<SamlProvider> {
  const server = createServer((request, response) => {
    answer(setting, request, response).catch(() => response.writeHead(400).end('what was asked cannot be answered'))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    reach: (url) => (url.startsWith(`${ORIGIN}/`) ? `http://127.0.0.1:${port}${url.slice(ORIGIN.length)}` : url),
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

/** Its metadata, as its administrator would export it. */
export const samlMetadata = ({ certificate }: IdpKey): string => `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${ORIGIN}/metadata">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="false">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${bodyOf(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="${REDIRECT}" Location="${ORIGIN}/logout"/>
    <md:SingleSignOnService Binding="${REDIRECT}" Location="${ORIGIN}/login"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
`

async function answer(setting: Setting, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', ORIGIN)
  const asked = searchParams.get('SAMLRequest')
  if (asked === null) return void response.writeHead(404).end()
  const xml = inflateRawSync(Buffer.from(asked, 'base64')).toString('utf8')
  const said = (name: string): string => unescaped(new RegExp(`\\b${name}="([^"]*)"`).exec(xml)?.[1] ?? '')
  const issuer = unescaped(/<saml:Issuer[^>]*>([^<]*)</.exec(xml)?.[1] ?? '')
  const relay = searchParams.get('RelayState')
  if (pathname === '/logout') {
    const head = { id: `_${Date.now().toString(16)}${said('ID').slice(-16)}`, now: await setting.now(), to: issuer.replace(/metadata$/, 'slo'), urls: { entity_id: `${ORIGIN}/metadata` } as SpUrls }
    const { certificate, private_key } = setting.key
    const url = redirectUrl(head.to, 'SAMLResponse', logoutResponse(head, said('ID'), 'done'), relay, { certificate, privateKey: new Secret(private_key) })
    return void response.writeHead(303, { location: url.href }).end()
  }
  const form = request.method === 'POST' ? new URLSearchParams(await bodyText(request)) : undefined
  const person = setting.people.find(({ email, password }) => email === form?.get('email') && password === form.get('password'))
  if (person === undefined) return page(response, form === undefined ? 200 : 401, `<h1>Acme sign-in</h1>${form === undefined ? '' : '<p role="alert">That is not right.</p>'}
<form method="post"><label>E-mail <input name="email"></label><label>Password <input name="password" type="password"></label><button>Sign in</button></form>`)
  const proof = responseXml({
    issuer: `${ORIGIN}/metadata`, recipient: said('AssertionConsumerServiceURL'), audience: issuer, in_response_to: said('ID'),
    subject: person.email, session_index: `_${Buffer.from(person.email).toString('hex')}`, now: Date.parse(await setting.now()),
    attributes: { email: [person.email], displayName: [person.name], groups: person.groups },
  })
  const fields = { SAMLResponse: Buffer.from(signedXml(proof, 'assertion', setting.key)).toString('base64'), ...(relay === null ? {} : { RelayState: relay }) }
  page(response, 200, `<form method="post" action="${escaped(said('AssertionConsumerServiceURL'))}">${Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`).join('')}<button>Go on</button></form>`)
}

function page(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><html lang="en"><title>Acme</title><body>${body}</body></html>`)
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
const unescaped = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

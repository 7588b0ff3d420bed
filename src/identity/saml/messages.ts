/** What we ask and answer, as XML (SAML core §3.4, §3.7). Instants are ISO 8601. */
import { BINDINGS, NS, SUCCESS } from './names.ts'
import type { SpUrls } from './urls.ts'
import { escapeXml } from './xml.ts'

interface Head {
  readonly id: string
  readonly now: string
  /** Where it is sent. */
  readonly to: string
  readonly urls: SpUrls
}

/** Root with what every message has: our Issuer is the same in all of them, or Entra ID refuses the logout. */
function message(name: string, { id, now, to, urls }: Head, attributes: string, content: string): string {
  return [
    `<samlp:${name} xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${escapeXml(id)}" Version="2.0"`,
    ` IssueInstant="${now}" Destination="${escapeXml(to)}"${attributes}>`,
    `<saml:Issuer>${escapeXml(urls.entity_id)}</saml:Issuer>${content}</samlp:${name}>`,
  ].join('')
}

export function authnRequest(head: Head, nameIdFormat: string | null): string {
  const format = nameIdFormat === null ? '' : ` Format="${escapeXml(nameIdFormat)}"`
  const answer = ` ProtocolBinding="${BINDINGS.post}" AssertionConsumerServiceURL="${escapeXml(head.urls.acs)}"`
  return message('AuthnRequest', head, answer, `<samlp:NameIDPolicy${format} AllowCreate="true"/>`)
}

export function logoutRequest(
  head: Head, subject: string, sessionIndex: string | null, nameIdFormat: string | null,
): string {
  const format = nameIdFormat === null ? '' : ` Format="${escapeXml(nameIdFormat)}"`
  const index = sessionIndex === null ? '' : `<samlp:SessionIndex>${escapeXml(sessionIndex)}</samlp:SessionIndex>`
  return message('LogoutRequest', head, '', `<saml:NameID${format}>${escapeXml(subject)}</saml:NameID>${index}`)
}

const STATUS = {
  done: `<samlp:StatusCode Value="${SUCCESS}"/>`,
  /** Nobody is signed in as that. */
  unknown: '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Requester">'
    + '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal"/></samlp:StatusCode>',
} as const

export function logoutResponse(head: Head, inResponseTo: string, status: keyof typeof STATUS): string {
  const answered = ` InResponseTo="${escapeXml(inResponseTo)}"`
  return message('LogoutResponse', head, answered, `<samlp:Status>${STATUS[status]}</samlp:Status>`)
}

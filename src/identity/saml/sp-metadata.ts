/** Metadata of ours, for one connection of one tenant (SAML metadata 2.0, §2.4.4). */
import { newId } from '../login/requests.ts'
import { bodyOf } from './keys.ts'
import { BINDINGS, NS } from './names.ts'
import { signedXml, type Signer } from './sign.ts'
import type { SpUrls } from './urls.ts'
import { escapeXml } from './xml.ts'

interface Described {
  readonly urls: SpUrls
  /** PEM, newest first: all that may sign now; the first one is to encrypt for. */
  readonly certificates: readonly string[]
  /** URI; null: whatever the identity provider sends. */
  readonly nameIdFormat?: string | null
  /** Whether requests are signed. */
  readonly signsRequests?: boolean
  /** With which the metadata itself is signed. */
  readonly signWith?: Signer
}

export function spMetadata({
  urls, certificates, nameIdFormat = null, signsRequests = certificates.length > 0, signWith,
}: Described): string {
  const [newest] = certificates
  const [acs, slo] = [escapeXml(urls.acs), escapeXml(urls.slo)]
  const xml = [
    `<md:EntityDescriptor xmlns:md="${NS.metadata}" xmlns:ds="${NS.signature}"`,
    ` entityID="${escapeXml(urls.entity_id)}" ID="${newId()}">`,
    `<md:SPSSODescriptor AuthnRequestsSigned="${signsRequests}" WantAssertionsSigned="true"`,
    ` protocolSupportEnumeration="${NS.protocol}">`,
    ...certificates.map((pem) => keyDescriptor('signing', pem)),
    newest === undefined ? '' : keyDescriptor('encryption', newest),
    `<md:SingleLogoutService Binding="${BINDINGS.redirect}" Location="${slo}"/>`,
    `<md:SingleLogoutService Binding="${BINDINGS.post}" Location="${slo}"/>`,
    nameIdFormat === null ? '' : `<md:NameIDFormat>${escapeXml(nameIdFormat)}</md:NameIDFormat>`,
    `<md:AssertionConsumerService Binding="${BINDINGS.post}" Location="${acs}" index="0" isDefault="true"/>`,
    '</md:SPSSODescriptor></md:EntityDescriptor>',
  ].join('')
  return signWith === undefined ? xml : signedXml(xml, null, signWith)
}

function keyDescriptor(use: 'signing' | 'encryption', pem: string): string {
  const certificate = `<ds:X509Data><ds:X509Certificate>${bodyOf(pem)}</ds:X509Certificate></ds:X509Data>`
  const methods = use === 'encryption' ? ENCRYPTION : ''
  return `<md:KeyDescriptor use="${use}"><ds:KeyInfo>${certificate}</ds:KeyInfo>${methods}</md:KeyDescriptor>`
}

/** What we decrypt, best first; RSA-OAEP alone: the older padding gives messages away to whoever asks often enough. */
const ENCRYPTION = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm', 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc', 'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
].map((one) => `<md:EncryptionMethod Algorithm="${one}"/>`).join('')

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

export function spMetadata({ urls, certificates, nameIdFormat = null, signsRequests = certificates.length > 0, signWith }: Described): string {
  const key = (use: string, pem: string): string =>
    `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${bodyOf(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${use === 'encryption' ? ENCRYPTION : ''}</md:KeyDescriptor>`
  const [newest] = certificates
  const xml = `<md:EntityDescriptor xmlns:md="${NS.metadata}" xmlns:ds="${NS.signature}" entityID="${escapeXml(urls.entity_id)}" ID="${newId()}">` +
    `<md:SPSSODescriptor AuthnRequestsSigned="${signsRequests}" WantAssertionsSigned="true" protocolSupportEnumeration="${NS.protocol}">` +
    certificates.map((pem) => key('signing', pem)).join('') +
    (newest === undefined ? '' : key('encryption', newest)) +
    (['redirect', 'post'] as const).map((one) => `<md:SingleLogoutService Binding="${BINDINGS[one]}" Location="${escapeXml(urls.slo)}"/>`).join('') +
    (nameIdFormat === null ? '' : `<md:NameIDFormat>${escapeXml(nameIdFormat)}</md:NameIDFormat>`) +
    `<md:AssertionConsumerService Binding="${BINDINGS.post}" Location="${escapeXml(urls.acs)}" index="0" isDefault="true"/>` +
    '</md:SPSSODescriptor></md:EntityDescriptor>'
  return signWith === undefined ? xml : signedXml(xml, null, signWith)
}

/** What we decrypt, best first; RSA-OAEP alone, for the older padding gives messages away to whoever asks often enough. */
const ENCRYPTION = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm', 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc', 'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
].map((one) => `<md:EncryptionMethod Algorithm="${one}"/>`).join('')

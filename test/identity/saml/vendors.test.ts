/** Responses in the shapes in which identity providers write them: prefixes, namespaces, signatures, order of statements. */
import { beforeAll, expect, test } from 'vitest'
import { SignedXml } from 'xml-crypto'
import type { IdpKey } from '../../../src/cli/demo/saml-message.ts'
import { verifyResponse } from '../../../src/identity/saml/response.ts'
import { base64, ENTITY_ID, idpKey, NOW, settingsFor, URLS } from '../../support/saml-idp.ts'

let idp: IdpKey
beforeAll(async () => {
  idp = await idpKey('acme')
})

interface Signing {
  readonly prefix?: string
  readonly inclusive?: string[]
  readonly algorithm?: string
  readonly digest?: string
}
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Signs the element at `path`, after its Issuer. */
function signed(xml: string, path: string, { prefix, inclusive = [], algorithm = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', digest = 'http://www.w3.org/2001/04/xmlenc#sha256' }: Signing = {}): string {
  const signer = new SignedXml({ privateKey: idp.private_key, publicCert: idp.certificate, signatureAlgorithm: algorithm, canonicalizationAlgorithm: C14N })
  signer.addReference({ xpath: path, transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', C14N], digestAlgorithm: digest, inclusiveNamespacesPrefixList: inclusive })
  signer.computeSignature(xml, { location: { reference: `${path}/*[local-name(.)='Issuer']`, action: 'after' }, ...(prefix === undefined ? {} : { prefix }) })
  return signer.getSignedXml()
}
const ROOT = '/*'
const ASSERTION = "/*/*[local-name(.)='Assertion']"
const facts = (xml: string) => verifyResponse(base64(xml), { settings: settingsFor([idp]), urls: URLS, now: NOW, keys: [] })
const LATER = '2026-11-21T12:05:00.000Z'

test('Okta: both signed, with prefixes taken along', () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema" Destination="${URLS.acs}" ID="id1" InResponseTo="_request" IssueInstant="${NOW}" Version="2.0"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${ENTITY_ID}</saml2:Issuer><saml2p:Status xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status><saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="id2" IssueInstant="${NOW}" Version="2.0"><saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${ENTITY_ID}</saml2:Issuer><saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">ada@acme.example</saml2:NameID><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="_request" NotOnOrAfter="${LATER}" Recipient="${URLS.acs}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="2026-11-21T11:55:00.000Z" NotOnOrAfter="${LATER}"><saml2:AudienceRestriction><saml2:Audience>${URLS.entity_id}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="${NOW}" SessionIndex="_request"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement><saml2:Attribute Name="groups" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"><saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">admins</saml2:AttributeValue><saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">staff &amp; more</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement></saml2:Assertion></saml2p:Response>`
  const both = signed(signed(xml, ASSERTION, { prefix: 'ds', inclusive: ['xs'] }), ROOT, { prefix: 'ds', inclusive: ['xs'] })
  expect(both).toContain('PrefixList="xs"')
  expect(facts(both)).toMatchObject({ subject: 'ada@acme.example', session_index: '_request', attributes: { groups: ['admins', 'staff & more'] } })
})

test('Microsoft Entra ID: default namespaces, attributes before the authentication, no signature of the response', () => {
  const xml = `<samlp:Response ID="_8e8dc5f6" Version="2.0" IssueInstant="${NOW}" Destination="${URLS.acs}" InResponseTo="_request" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${ENTITY_ID}</Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><Assertion ID="_3f2b" IssueInstant="${NOW}" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>${ENTITY_ID}</Issuer><Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">m3bTzB2k</NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData InResponseTo="_request" NotOnOrAfter="${LATER}" Recipient="${URLS.acs}"/></SubjectConfirmation></Subject><Conditions NotBefore="2026-11-21T11:55:00.000Z" NotOnOrAfter="${LATER}"><AudienceRestriction><Audience>${URLS.entity_id}</Audience></AudienceRestriction></Conditions><AttributeStatement><Attribute Name="http://schemas.microsoft.com/identity/claims/tenantid"><AttributeValue>8a1b</AttributeValue></Attribute><Attribute Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"><AttributeValue>ada@acme.example</AttributeValue></Attribute><Attribute Name="http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"><AttributeValue>g-1</AttributeValue><AttributeValue>g-2</AttributeValue></Attribute></AttributeStatement><AuthnStatement AuthnInstant="${NOW}" SessionIndex="_3f2b"><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion></samlp:Response>`
  expect(facts(signed(xml, ASSERTION))).toMatchObject({
    subject: 'm3bTzB2k', session_index: '_3f2b', attributes: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress': ['ada@acme.example'], 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': ['g-1', 'g-2'] },
  })
})

test('indented, with line breaks in its base64, CDATA, a name in many letters, SHA-512', () => {
  const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="${NOW}" InResponseTo="_request">
  <saml:Issuer>${ENTITY_ID}</saml:Issuer>
  <samlp:Status>
    <samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>
  </samlp:Status>
  <saml:Assertion ID="_2" Version="2.0" IssueInstant="${NOW}">
    <saml:Issuer>${ENTITY_ID}</saml:Issuer>
    <saml:Subject>
      <saml:NameID>Zoë Čapková &lt;zoe@acme.example&gt;</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="2026-11-21T13:05:00+01:00" Recipient="${URLS.acs}" InResponseTo="_request"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions>
      <saml:AudienceRestriction>
        <saml:Audience>https://other.example</saml:Audience>
        <saml:Audience>${URLS.entity_id}</saml:Audience>
      </saml:AudienceRestriction>
      <saml:OneTimeUse/>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="${NOW}">
      <saml:AuthnContext><saml:AuthnContextClassRef>urn:x</saml:AuthnContextClassRef></saml:AuthnContext>
    </saml:AuthnStatement>
    <saml:AttributeStatement>
      <saml:Attribute Name="note"><saml:AttributeValue><![CDATA[a < b]]></saml:AttributeValue></saml:Attribute>
      <saml:Attribute Name="none"/>
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>
`
  const strong = { algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', digest: 'http://www.w3.org/2001/04/xmlenc#sha512', prefix: 'ds' }
  const message = base64(signed(xml, ROOT, strong)).replaceAll(/.{76}/g, '$&\r\n')
  expect(verifyResponse(message, { settings: settingsFor([idp]), urls: URLS, now: NOW, keys: [] })).toMatchObject({
    subject: 'Zoë Čapková <zoe@acme.example>', session_index: null, attributes: { note: ['a < b'], none: [] },
  })
})

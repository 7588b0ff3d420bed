import { beforeAll, expect, test } from 'vitest'
import { type IdpKey, responseXml, signedXml } from '../../../src/cli/demo/saml-message.ts'
import { LoginRefused } from '../../../src/identity/login/types.ts'
import { verified } from '../../../src/identity/saml/signature.ts'
import { onlyAssertion, signaturesOf } from '../../../src/identity/saml/structure.ts'
import { withXml } from '../../../src/identity/saml/xml.ts'
import { answer, idpKey, settingsFor, signedResponse } from '../../support/saml-idp.ts'

let idp: IdpKey
beforeAll(async () => {
  idp = await idpKey('acme')
})

/** @param second what the second reader is given */
function read(xml: string, second = xml): string {
  return withXml(xml, 'refused', (root) => {
    const [signature] = signaturesOf(root, [root, onlyAssertion(root)])
    if (signature === undefined) throw new Error('not signed')
    try {
      return verified(second, signature, settingsFor([idp]).certificates)
    } catch (error) {
      if (error instanceof LoginRefused) return error.code
      throw error
    }
  })
}

test('what is signed is the canonical text without its signature', () => {
  const text = read(signedResponse(idp))
  expect(text).toMatch(/^<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion".*<\/saml:Assertion>$/s)
  expect(text).not.toContain('Signature')
  expect(read(signedXml(responseXml(answer()), 'root', idp))).toMatch(/^<samlp:Response /)
})

test('a signature counts only where a second reader reads the same', () => {
  const xml = signedResponse(idp)
  expect(read(xml, xml.replace('Ada Lovelace', 'Mallory'))).toBe('disagreement')
  expect(read(xml, signedResponse(idp, { subject: 'mallory@acme.example' }))).toBe('disagreement')
  expect(read(xml, '<nothing/>')).toBe('disagreement')
})

import { beforeAll, expect, test } from 'vitest'
import { type IdpKey, encryptedXml, responseXml, signedXml } from '../../../src/cli/demo/saml-message.ts'
import type { SpKey } from '../../../src/identity/saml/keys.ts'
import { verifyResponse } from '../../../src/identity/saml/response.ts'
import { answer, base64, idpKey, NOW, settingsFor, signedResponse, spKey, URLS } from '../../support/saml-idp.ts'

let idp: IdpKey
let next: IdpKey
let ours: SpKey
let older: SpKey
beforeAll(async () => {
  ;[idp, next, ours, older] = await Promise.all([idpKey('acme'), idpKey('acme next'), spKey(), spKey()])
})

const verify = (xml: string, keys: readonly IdpKey[] = [idp], spKeys: readonly SpKey[] = [ours]) =>
  verifyResponse(base64(xml), { settings: settingsFor(keys), urls: URLS, now: NOW, keys: spKeys })

const FACTS = {
  subject: 'ada@acme.example', session_index: '_session', assertion_id: '_assertion', in_response_to: '_request',
  attributes: { email: ['ada@acme.example'], name: ['Ada Lovelace'], groups: ['admins', 'staff'] },
  // NotOnOrAfter and the clock skew.
  until: '2026-11-21T12:06:00.000Z',
}

test('a response with a signed assertion says who, in which session, with what attributes', () => {
  expect(verify(signedResponse(idp))).toEqual(FACTS)
})

test('a signed response speaks for its assertion', () => {
  expect(verify(signedXml(responseXml(answer()), 'root', idp))).toEqual(FACTS)
})

test('assertion and response may both be signed', () => {
  expect(verify(signedXml(signedResponse(idp), 'root', idp))).toEqual(FACTS)
})

test.each(['aes256-gcm', 'aes128-gcm', 'aes256-cbc', 'aes128-cbc'] as const)('an assertion encrypted by %s is read', (way) => {
  expect(verify(encryptedXml(signedResponse(idp), ours.certificate, way))).toEqual(FACTS)
})

test('an encrypted assertion without a signature counts in a signed response', () => {
  const encrypted = encryptedXml(responseXml(answer()), ours.certificate, 'aes256-gcm')
  expect(verify(signedXml(encrypted, 'root', idp))).toEqual(FACTS)
})

test('what was encrypted for a key that is being replaced is read', () => {
  expect(verify(encryptedXml(signedResponse(idp), older.certificate, 'aes256-gcm'), [idp], [ours, older])).toEqual(FACTS)
})

test('while certificates overlap each of them signs, whether it comes along or not', () => {
  for (const key of [idp, next]) {
    for (const key_info of [true, false]) {
      expect(verify(signedXml(responseXml(answer()), 'assertion', key, { key_info }), [idp, next])).toEqual(FACTS)
    }
  }
})

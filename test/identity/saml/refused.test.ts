/** What must never let anybody in, each with its reason. */
import { beforeAll, describe, expect, test } from 'vitest'
import { SAML } from '@node-saml/node-saml'
import { type IdpKey, encryptedXml, responseXml, signedXml } from '../../../src/cli/demo/saml-message.ts'
import { LoginRefused } from '../../../src/identity/login/types.ts'
import type { SpKey } from '../../../src/identity/saml/keys.ts'
import { verifyResponse } from '../../../src/identity/saml/response.ts'
import { type Attack, attacks } from '../../support/saml-attacks.ts'
import { answer, base64, ENTITY_ID, idpKey, NOW, settingsFor, signedResponse, spKey, URLS } from '../../support/saml-idp.ts'

let idp: IdpKey
let stranger: IdpKey
let ours: SpKey
let theirs: SpKey
let all: Attack[]
beforeAll(async () => {
  ;[idp, stranger, ours, theirs] = await Promise.all([idpKey('acme'), idpKey('stranger'), spKey(), spKey()])
  all = attacks({ idp, stranger, ours, theirs })
})

/** The code of the refusal; what was let in, where it was. */
function refusal(message: string, settings = settingsFor([idp]), now = NOW): unknown {
  try {
    return verifyResponse(message, { settings, urls: URLS, now, keys: [ours] })
  } catch (error) {
    if (!(error instanceof LoginRefused)) throw error
    expect(error.message).not.toBe('')
    return error.code
  }
}

test('every attack is refused for its own reason', () => {
  expect(all.map(({ name, message }) => [name, refusal(message)])).toEqual(all.map(({ name, code }) => [name, code]))
})

test('there are attacks of every kind, and each is made once', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  expect(all.filter(({ name }) => name.startsWith('XSW'))).toHaveLength(24)
})

describe('certificates', () => {
  test('of the past are no proof', () => {
    expect(refusal(base64(signedResponse(idp)), settingsFor([idp]), '2030-01-01T00:00:00Z')).toBe('certificate-expired')
  })

  test('of the future are none yet', () => {
    expect(refusal(base64(signedResponse(idp)), settingsFor([idp]), '2026-11-01T00:00:00Z')).toBe('certificate-expired')
  })

  test('that were published until yesterday are none', () => {
    expect(refusal(base64(signedResponse(idp)), settingsFor([idp], { valid_until: '2026-11-20T12:00:00Z' }))).toBe('metadata-expired')
  })
})

test('the clock may differ by what the connection says, and by five minutes at most', () => {
  const late = (seconds: number, clock_skew_s: number) => refusal(base64(signedResponse(idp)), settingsFor([idp], { clock_skew_s }), new Date(Date.parse(NOW) + seconds * 1000).toISOString())
  expect(late(359, 60)).toMatchObject({ subject: 'ada@acme.example' })
  expect(late(360, 60)).toBe('expired')
  expect(late(599, 86_400)).toMatchObject({ subject: 'ada@acme.example' })
  expect(late(600, 86_400)).toBe('expired')
})

test('whatever byte is changed, somebody else comes in by none: it is refused, or says what was signed', () => {
  const xml = signedResponse(idp)
  const good = JSON.stringify(refusal(base64(xml)))
  const others: unknown[] = []
  for (let at = 1; at < xml.length; at += 7) {
    const changed = `${xml.slice(0, at)}${xml[at] === 'x' ? 'y' : 'x'}${xml.slice(at + 1)}`
    const seen = refusal(base64(changed))
    if (typeof seen !== 'string' && JSON.stringify(seen) !== good) others.push(changed.slice(at - 30, at + 30))
  }
  expect(others).toEqual([])
})

describe('beside @node-saml/node-saml', () => {
  const opinion = async (message: string): Promise<string | undefined> => {
    const saml = new SAML({
      callbackUrl: URLS.acs, issuer: URLS.entity_id, audience: URLS.entity_id, idpIssuer: ENTITY_ID, idpCert: idp.certificate,
      decryptionPvk: ours.privateKey.reveal(), wantAuthnResponseSigned: false, wantAssertionsSigned: false,
      // Its clock is the machine's.
      acceptedClockSkewMs: Math.abs(Date.now() - Date.parse(NOW)) + 60_000,
    })
    try {
      return (await saml.validatePostResponseAsync({ SAMLResponse: message })).profile?.nameID
    } catch {
      return undefined
    }
  }

  test('what it refuses we refuse; where we refuse more, it is known', async () => {
    const accepted: string[] = []
    // An assertion of another hour is within the skew that its clock needs here.
    const timed = new Set(['an assertion that has expired', 'an assertion of the future'])
    for (const { name, message } of all) {
      if (!timed.has(name) && (await opinion(message)) !== undefined) accepted.push(name)
    }
    expect(accepted.toSorted()).toEqual(all.filter(({ differs }) => differs).map(({ name }) => name).toSorted())
  })

  test('what we take it takes, for the same person', async () => {
    const plain = responseXml(answer())
    const good = signedXml(plain, 'assertion', idp)
    const taken = [
      good, signedXml(plain, 'root', idp), signedXml(good, 'root', idp), signedXml(plain, 'assertion', idp, { key_info: false }),
      encryptedXml(good, ours.certificate, 'aes256-gcm'), encryptedXml(good, ours.certificate, 'aes128-cbc'),
      signedXml(responseXml(answer({ subject: 'Zoë <zoë@acme.example> & "co"', attributes: {} })), 'assertion', idp),
      signedXml(plain, 'assertion', idp, { algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512' }),
    ]
    for (const xml of taken) {
      const mine = refusal(base64(xml)) as { subject?: string }
      expect(mine.subject).toBeDefined()
      expect(await opinion(base64(xml))).toBe(mine.subject)
    }
  })
})

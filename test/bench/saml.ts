import { SAML } from '@node-saml/node-saml'
import { responseXml, signedXml } from '../../src/cli/demo/saml-message.ts'
import { verifyResponse } from '../../src/identity/saml/response.ts'
import { answer, base64, ENTITY_ID, idpKey, settingsFor, URLS } from '../support/saml-idp.ts'
import { inTurns, median } from './measure.ts'
import type { Place } from './place.ts'
import { limitLine, ratioLine, type Section } from './report.ts'

/** A response whose assertion is signed: all our checks, and those of @node-saml/node-saml, which has no schema. */
export async function benchSaml(_place: Place, rounds: number): Promise<Section> {
  const now = new Date().toISOString()
  const key = await idpKey('bench', now)
  const groups = Array.from({ length: 20 }, (_, n) => `group-${n}`)
  const message = base64(signedXml(responseXml(answer({ now: Date.parse(now), attributes: { email: ['ada@acme.example'], name: ['Ada'], groups } })), 'assertion', key))
  const settings = settingsFor([key])
  const other = new SAML({ callbackUrl: URLS.acs, issuer: URLS.entity_id, audience: URLS.entity_id, idpIssuer: ENTITY_ID, idpCert: key.certificate, wantAuthnResponseSigned: false })
  const times = await inTurns([
    { name: 'ours', run: async () => void verifyResponse(message, { settings, urls: URLS, now, keys: [] }) },
    { name: 'node-saml', run: async () => void (await other.validatePostResponseAsync({ SAMLResponse: message })) },
  ], rounds, 100)
  const [ours, theirs] = [median(times.get('ours') ?? []), median(times.get('node-saml') ?? [])]
  return {
    title: `SAML, in process (medians of ${rounds})`,
    lines: [
      limitLine('a response verified, with its schema (250/s)', ours, 4, 'ms'),
      ratioLine('a response verified, with its schema', ours, '@node-saml/node-saml, without one', theirs, 1.5),
    ],
  }
}

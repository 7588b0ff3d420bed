import { SAML } from '@node-saml/node-saml'
import { responseXml, signedXml } from '../../src/cli/demo/saml-message.ts'
import { verifyResponse } from '../../src/identity/saml/response.ts'
import { answer, base64, ENTITY_ID, idpKey, settingsFor, URLS } from '../support/saml-idp.ts'
import { median } from './measure.ts'
import type { Place } from './place.ts'
import { limitLine, ratioLine, type Section } from './report.ts'

const BATCH = 40

/** Milliseconds of one core for one call. */
async function processor(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let n = 0; n < BATCH; n++) await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / BATCH
}

/** A response whose assertion is signed: all our checks, and those of @node-saml/node-saml, which has no schema. */
export async function benchSaml(_place: Place, rounds: number): Promise<Section> {
  const now = new Date().toISOString()
  const key = await idpKey('bench', now)
  const groups = Array.from({ length: 20 }, (_, n) => `group-${n}`)
  const attributes = { email: ['ada@acme.example'], name: ['Ada'], groups }
  const xml = responseXml(answer({ now: Date.parse(now), attributes }))
  const message = base64(signedXml(xml, 'assertion', key))
  const settings = settingsFor([key])
  const other = new SAML({
    callbackUrl: URLS.acs, issuer: URLS.entity_id, audience: URLS.entity_id, idpIssuer: ENTITY_ID,
    idpCert: key.certificate, wantAuthnResponseSigned: false,
  })
  const ours = async (): Promise<void> => void verifyResponse(message, { settings, urls: URLS, now, keys: [] })
  const theirs = async (): Promise<void> => void (await other.validatePostResponseAsync({ SAMLResponse: message }))
  // Warm, and in turns, so that whatever else the machine does meets both alike.
  const spent: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
  for (let round = -3; round < rounds; round++) {
    const [a, b] = [await processor(ours), await processor(theirs)]
    if (round >= 0) {
      spent.ours.push(a)
      spent.theirs.push(b)
    }
  }
  const [mine, its] = [median(spent.ours), median(spent.theirs)]
  return {
    title: `SAML, time of the processor for each (medians of ${rounds} batches of ${BATCH})`,
    lines: [
      limitLine('a response verified, with its schema (250/s)', mine, 4, 'ms'),
      ratioLine('a response verified, with its schema', mine, '@node-saml/node-saml, without one', its, 1.5),
    ],
  }
}

/** The identity providers of the lock-out test: of each protocol two, which change their keys; one may be gone. */
import { inflateRawSync } from 'node:zlib'
import { X509Certificate } from 'node:crypto'
import type { CookieBrowser } from '../../src/cli/demo/browser.ts'
import { type IdpKey, responseXml, signedXml } from '../../src/cli/demo/saml-message.ts'
import { certificateOf } from '../../src/identity/saml/certificates.ts'
import { spUrls } from '../../src/identity/saml/urls.ts'
import type { JsonObject } from '../../src/model.ts'
import { base64, idpKey } from '../support/saml-idp.ts'
import { type Key, newKey, scriptedProvider, type ScriptedProvider } from '../support/scripted-openid.ts'
import { mail, type Protocol } from './lock-out-story.ts'

/** Where a tenant's people sign in: which of the two providers, and with which of its keys that signs. */
export interface Place {
  readonly provider: 0 | 1
  readonly key: 0 | 1
}

export interface Person {
  readonly who: string
  readonly role: string
}

export interface Providers {
  /** What a customer hands in of them. */
  detailsOf(protocol: Protocol, place: Place): JsonObject
  /** Signs somebody in at the provider to which `to` leads, and brings the browser back; says whether that gave a session. */
  signIn(at: { readonly slug: string; readonly protocol: Protocol; readonly origin: string; readonly isGone: boolean } & Place, browser: CookieBrowser, to: URL, person: Person): Promise<boolean>
  close(): Promise<void>
}

const NAMES = ['https://login.acme.example', 'https://other.acme.example'] as const

export async function providers(): Promise<Providers> {
  const now = new Date().toISOString()
  const keys = await Promise.all(NAMES.map((name) => Promise.all([idpKey(name, now), idpKey(name, now)])))
  const openid = await Promise.all(NAMES.map(() => scriptedProvider()))
  const next = NAMES.map(() => newKey('next'))
  const answers = new Map<string, { status?: number; body: unknown }>()
  openid.forEach(({ script }, n) => {
    script.keys = [...script.keys, next[n] as Key]
    script.token = (form) => answers.get(form.get('code') ?? '') ?? { status: 400, body: { error: 'invalid_grant' } }
  })

  return {
    detailsOf(protocol, { provider, key }) {
      if (protocol === 'oidc') return { issuer: openid[provider]?.issuer ?? '', client_id: 'crm', client_secret: true, scopes: ['openid', 'email'] }
      const [first, second] = keys[provider] as [IdpKey, IdpKey]
      // The next one stands beside the one before, as long as both are in use.
      const all = key === 0 ? [first] : [second, first]
      return {
        entity_id: `${NAMES[provider]}/saml`, sso: { redirect: `${NAMES[provider]}/sso`, post: null }, slo: { redirect: null, post: null },
        certificates: all.map(({ certificate }) => ({ ...certificateOf(new X509Certificate(certificate).raw) })),
        valid_until: null, metadata_url: null, metadata_at: now,
      }
    },

    async signIn({ slug, protocol, origin, isGone, provider, key }, browser, to, { who, role }) {
      if (protocol === 'oidc') {
        const one = openid[provider] as ScriptedProvider
        const [state, nonce] = [to.searchParams.get('state') ?? '', to.searchParams.get('nonce')]
        const at = Math.floor(Date.now() / 1000)
        const claims = { iss: one.issuer, aud: 'crm', sub: who, nonce, iat: at, exp: at + 300, email: mail(who), email_verified: true, name: who, roles: [role] }
        const id_token = await one.sign(claims, ...(key === 0 ? [] : [next[provider] as Key]))
        const code = `${slug} ${state}`
        answers.set(code, isGone ? { status: 503, body: 'gone' } : { body: { access_token: 'a', token_type: 'Bearer', id_token } })
        const back = await browser.send(`${origin}/sso/${slug}/main/callback?${new URLSearchParams({ code, state })}`)
        await back.body?.cancel()
        return back.status === 303
      }
      if (isGone) return false
      const request = inflateRawSync(Buffer.from(to.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
      const { acs, entity_id } = spUrls(origin, slug, 'main')
      const xml = responseXml({
        issuer: `${NAMES[provider]}/saml`, recipient: acs, audience: entity_id, in_response_to: /\sID="([^"]+)"/.exec(request)?.[1] ?? '',
        subject: who, session_index: '_session', now: Date.now(), attributes: { email: [mail(who)], name: [who], roles: [role] },
      })
      const SAMLResponse = base64(signedXml(xml, 'assertion', keys[provider]?.[key] as IdpKey))
      const back = await browser.send(acs, { method: 'POST', body: new URLSearchParams({ SAMLResponse }) })
      await back.body?.cancel()
      return back.status === 303
    },

    async close() {
      await Promise.all(openid.map((one) => one.close()))
    },
  }
}

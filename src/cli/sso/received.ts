/** What a person gave to `onboard sso`: read and judged, and not yet handed in. */
import type { Secret } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { OidcSettings } from '../../identity/login/types.ts'
import { oidcUrls } from '../../identity/oidc/urls.ts'
import type { JsonObject } from '../../model.ts'
import type { Context } from '../context.ts'
import { signerOf } from '../signer.ts'
import { watchingClock } from './clocks.ts'
import { agreedOf, type Details, type Given, readDetails, secretIn } from './read-details.ts'
import { handIn, type Taker, takerOf } from './hand-in.ts'
import { retyped } from './retype.ts'

interface Typed extends Given {
  readonly isPublic: boolean
  readonly signer: string | undefined
}

export interface Received {
  /** Secrets for the steps, by name. */
  readonly given: ReadonlyMap<string, Secret>
  /** null: nothing was given that a step waits for. */
  readonly handIn: { isReady(): Promise<boolean>; sign(): Promise<void> } | null
}

const NOTHING: Received = { given: new Map(), handIn: null }

/** @throws OnboardError: what was given will not do, and what to type instead; nothing was changed then */
export async function received(context: Context, customer: string, typed: Typed): Promise<Received> {
  try {
    return await taken(context, customer, typed)
  } catch (error) {
    throw retyped(error, customer, typed)
  }
}

async function taken(context: Context, customer: string, typed: Typed): Promise<Received> {
  const { metadata, issuer, mapping, sample, clientSecretFile } = typed
  const agreed = agreedOf(typed)
  const isGiven = [metadata, issuer, mapping, sample].some((one) => one !== undefined)
  const hasDetails = isGiven || Object.keys(agreed).length > 0
  if (!hasDetails && clientSecretFile === undefined) return NOTHING
  const work = await context.work(customer)
  const taker = await takerOf(work, protocolOf(typed))
  if (agreed['idp_initiated'] === true && taker.protocol === 'oidc') {
    const message = '--idp-initiated is for SAML: an OpenID login always begins here, '
      + 'also where the provider has a link to it'
    throw new OnboardError('usage', 'saml-only', message)
  }
  const config = await context.config()
  const { actor, inputs: { handoff } } = work
  const retype = `onboard sso ${customer}`
  const signer = hasDetails ? signerOf({ signer: typed.signer, actor, config, handoff, customer, retype }) : null
  const secret = clientSecretFile === undefined ? null : await secretIn(context, clientSecretFile)
  const known = idpOf(taker)
  if (issuer !== undefined && secret === null && !typed.isPublic && known?.['client_secret'] !== true) {
    const message = 'A client has a secret, given with --client-secret-file; one that has none is a --public-client'
    const client = `--issuer ${issuer} --client-id ${typed.clientId ?? 'ID'}`
    throw new OnboardError('usage', 'secret-missing', message, {
      suggestions: [`onboard sso ${customer} ${client} --client-secret-file FILE`],
    })
  }
  const { origin } = new URL(config.vendor.app_url)
  const { callback } = oidcUrls(origin, work.onboarding.tenant_slug ?? work.onboarding.slug, 'main')
  const details = await judged(context, typed, taker, secret, callback)
  const given = new Map(secret === null ? [] : [['client_secret', secret] as const])
  if (signer === null) return { given, handIn: null }
  return {
    given,
    handIn: {
      isReady: async () => (await takerOf(work, null)).isReady,
      sign: async () => void (await handIn(work, await takerOf(work, null), details, signer)),
    },
  }
}

const idpOf = ({ before }: Taker): JsonObject | undefined => before?.values?.['idp'] as JsonObject | undefined

/** Of which protocol what was given is; null: of either. */
function protocolOf({ metadata, issuer, clientSecretFile }: Given): 'saml' | 'oidc' | null {
  if (metadata !== undefined) return 'saml'
  return issuer !== undefined || clientSecretFile !== undefined ? 'oidc' : null
}

async function judged(
  context: Context, typed: Typed, taker: Taker, secret: Secret | null, redirectUri: string,
): Promise<Details> {
  const config = await context.config()
  // What the config allows is the workspace's word, and counts where that is trusted.
  const allow = (await context.distrust()) === null ? (config.network?.allow ?? []) : []
  const { createHttp } = await import('../../adapters/http.ts')
  const { http, close } = createHttp({ allow, env: context.io.env })
  context.closeLater({ close })
  const clock = watchingClock(http)
  const known = idpOf(taker)
  // A secret that is given alone is tried with the client that is known.
  const isSecretAlone = secret !== null && typed.issuer === undefined
  if (isSecretAlone && known === undefined) {
    const message = 'The secret belongs to a client: give --issuer and --client-id with it'
    throw new OnboardError('usage', 'client-missing', message, { suggestions: [] })
  }
  const { issuer, client_id, scopes } = (known ?? {}) as Partial<OidcSettings>
  const entityId = typed.entityId ?? (known?.['entity_id'] as string | undefined)
  const given: Given = isSecretAlone ? { ...typed, issuer, clientId: client_id, scopes } : { ...typed, entityId }
  const tries = secret !== null || typed.isPublic
  const ground = { context, fetch: clock.fetch, now: await context.now(), allow, secret, tries, redirectUri }
  const details = await readDetails(given, ground)
  // A simulated clock is nobody's.
  if (context.about().clock === undefined) clock.mustAgree(await context.now())
  // Whoever leaves the secret out keeps the one that there is.
  const kept = secret === null && !typed.isPublic && details.protocol === 'oidc' && known?.['client_secret'] === true
  return kept ? { ...details, idp: { ...details.idp, client_secret: true } } : details
}

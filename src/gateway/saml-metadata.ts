/** `/sso/TENANT/NAME/metadata`: ours, of a SAML connection or of one to come. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { tenantBySlug } from '../identity/accounts/tenant.ts'
import { connectionOf } from '../identity/login/connections.ts'
import type { SamlSettings } from '../identity/login/types.ts'
import { keysOf, signingKey, type SpKey } from '../identity/saml/keys.ts'
import { spMetadata } from '../identity/saml/sp-metadata.ts'
import { spUrls } from '../identity/saml/urls.ts'
import type { Gateway } from './gateway.ts'
import { mustBeOwnAddress } from './origin.ts'
import { Refused } from './refusals.ts'

type Asked = FastifyRequest<{ Params: { tenant: string; name: string } }>

interface Described {
  /** Those that are published, newest first. */
  readonly keys: readonly SpKey[]
  readonly settings: Pick<SamlSettings, 'sign_requests' | 'name_id_format'>
}

/** As saml.connection sets one up that nothing else is said of. */
const TO_COME: Described['settings'] = { sign_requests: true, name_id_format: null }
const NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/

export function samlMetadataRoute(app: FastifyInstance, { database: { query }, tables, seal }: Gateway): void {
  const publishedOf = async (tenant: string): Promise<readonly SpKey[]> =>
    seal === null ? [] : (await keysOf(query, tables, seal, tenant)).filter(({ retired }) => !retired)

  /**
   * Before there is a connection a key is enough:
   * whoever sets the identity provider up reads ours first, and hands theirs in after.
   */
  async function described(slug: string, name: string): Promise<Described> {
    const connection = await connectionOf(query, tables, slug, name)
    if (connection?.protocol === 'saml') {
      return { keys: await publishedOf(connection.tenant_id), settings: connection.settings }
    }
    const tenant = connection === undefined && NAME.test(name) ? await tenantBySlug(query, tables, slug) : undefined
    const keys = tenant === undefined ? [] : await publishedOf(tenant.id)
    if (keys.length === 0) throw new Refused(404, 'There is no such connection.')
    return { keys, settings: TO_COME }
  }

  app.get('/sso/:tenant/:name/metadata', async (request: Asked, reply) => {
    const { tenant, name } = request.params
    const { keys, settings } = await described(tenant, name)
    const signer = signingKey(keys)
    const isAsked = (request.query as { signed?: unknown }).signed !== undefined
    const xml = spMetadata({
      urls: spUrls(mustBeOwnAddress(request), tenant, name), certificates: keys.map(({ certificate }) => certificate),
      nameIdFormat: settings.name_id_format, signsRequests: settings.sign_requests && signer !== undefined,
      // Some identity providers choke on a signature that they did not ask for.
      ...(isAsked && signer !== undefined ? { signWith: signer } : {}),
    })
    return reply.type('application/samlmetadata+xml; charset=utf-8')
      .header('content-disposition', `inline; filename="${tenant}-${name}.xml"`).send(xml)
  })
}

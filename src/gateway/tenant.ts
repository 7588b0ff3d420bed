/** The tenant of a path `/t/:tenant/…`, where it is open to whoever asks. */
import type { FastifyRequest } from 'fastify'
import { audit } from '../identity/accounts/events.ts'
import { isInside } from '../identity/accounts/networks.ts'
import { type Tenant, tenantBySlug } from '../identity/accounts/tenant.ts'
import { Refused } from './refusals.ts'

/** Throws Refused: 404 for one that is not there, 403 for one that is suspended or asked from elsewhere. */
export async function openTenant(request: FastifyRequest): Promise<Tenant> {
  const { database, tables } = request.server.gateway
  const { tenant: slug } = request.params as { readonly tenant: string }
  const tenant = await tenantBySlug(database.query, tables, slug)
  if (tenant === undefined) throw new Refused(404, 'Nobody is called so here. Look at the address again.')
  if (tenant.status === 'suspended') {
    const text = `${tenant.name} is suspended: nobody can sign in. Ask the support.`
    throw new Refused(403, text, 'Nobody can sign in now')
  }
  if (!isInside(tenant.rules.networks, request.ip)) {
    // Who only looks is no event.
    if (request.method === 'POST') {
      const detail = { reason: 'network' }
      await audit(database.query, tables, {
        tenant: tenant.id, event: 'access.refused', user: null, ip: request.ip, detail,
      })
    }
    throw new Refused(403, `${tenant.name} does not let anybody in from this network (${request.ip}).`, 'Not from here')
  }
  return tenant
}

/** Addresses of a SAML connection: what its identity provider has to be told. */
export interface SpUrls {
  /** Our name towards the identity provider; it is the address of our metadata (SAML metadata §4.1.1). */
  readonly entity_id: string
  readonly metadata: string
  /** Where a login begins. */
  readonly login: string
  /** Assertion consumer service, HTTP-POST. */
  readonly acs: string
  /** Single logout, HTTP-Redirect and HTTP-POST. */
  readonly slo: string
}

/** @param origin of the gateway, as browsers see it: `https://app.vendor.example` */
export function spUrls(origin: string, tenant: string, name: string): SpUrls {
  const base = `${origin}/sso/${tenant}/${name}`
  const metadata = `${base}/metadata`
  return { entity_id: metadata, metadata, login: `${base}/login`, acs: `${base}/acs`, slo: `${base}/slo` }
}

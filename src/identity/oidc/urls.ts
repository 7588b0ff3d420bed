/** Addresses of an OpenID connection: what its provider has to be told. */
export interface OidcUrls {
  /** Where a login begins; the provider may be told it as `initiate_login_uri`. */
  readonly login: string
  /** The only redirect URI; compared character by character (RFC 9700 section 2.1). */
  readonly callback: string
  /** Where the provider sends the browser after a logout: `post_logout_redirect_uris`. */
  readonly logout: string
  /** Where the provider itself reports logouts: `backchannel_logout_uri`. */
  readonly backchannel: string
}

/** @param origin of the gateway, as browsers see it: `https://app.vendor.example` */
export function oidcUrls(origin: string, tenant: string, name: string): OidcUrls {
  const base = `${origin}/sso/${tenant}/${name}`
  return {
    login: `${base}/login`, callback: `${base}/callback`, logout: `${base}/logout`,
    backchannel: `${base}/backchannel-logout`,
  }
}

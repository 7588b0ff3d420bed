/** How words of a handoff and of the config are spelled where people read them. */

const SPELLED: Readonly<Record<string, string>> = {
  saml: 'SAML', oidc: 'OpenID Connect',
  okta: 'Okta', entra: 'Entra ID', google: 'Google', ping: 'Ping', adfs: 'AD FS', keycloak: 'Keycloak',
  soc2: 'SOC 2', iso27001: 'ISO 27001', hipaa: 'HIPAA', gdpr: 'GDPR', pci: 'PCI DSS',
  eu: 'European Union', us: 'United States',
  crm: 'CRM', erp: 'ERP', hr: 'HR', cto: 'CTO',
}

/** `saml` → SAML; what is not known stays as it is. */
export const spelled = (word: string): string => SPELLED[word.toLowerCase()] ?? word

const UNITS: Readonly<Record<string, string>> = { m: 'minute', h: 'hour', d: 'day' }

/** `4h` → 4 hours; anything else than minutes, hours or days stays as it is. */
export function duration(text: string): string {
  const [, count, unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? []
  return count === undefined ? text : `${count} ${UNITS[unit] ?? ''}${count === '1' ? '' : 's'}`
}

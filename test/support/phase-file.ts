/**
 * The text of a phase file, for a runbook of a test's own.
 * @param head its lines between title and steps
 * @param steps each the inside of a `{ }`: `id: small, title: Small, uses: …`
 */
export function phaseFile(id: string, head: readonly string[], steps: readonly string[]): string {
  const title = `${id.charAt(0).toUpperCase()}${id.slice(1)}`
  const lines = ['apiVersion: onboard/v1', `phase: ${id}`, `title: ${title}`, ...head, 'steps:']
  return `${[...lines, ...steps.map((step) => `  - { ${step} }`)].join('\n')}\n`
}

/** An expression in a text of YAML. */
export const value = (expression: string): string => `"\${{ ${expression} }}"`

/** The inside of `with:` by which a tenant is found. */
export const TENANT = `tenant: ${value('onboarding.tenant_slug')}`

/** The step by which there is a tenant. */
export const TENANT_RECORD = 'id: tenant, title: Tenant, uses: tenant.record, '
  + `with: { slug: ${value('onboarding.tenant_slug')}, name: ${value('onboarding.company')}, plan: enterprise }`

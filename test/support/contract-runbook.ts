/**
 * What a runbook of a few people's words is made of: a contract, with something small beside it and something after.
 */

/** Lines of onboard.config.yaml after `roles:`. */
export const PEOPLE = `  legal: [{ name: Lea, email: lea@vendor.example }, { name: Leo, email: leo@vendor.example }]
  engineering: [{ name: Eva, email: eva@vendor.example }]
`

/** Of the phase `contract`; from the acceptance on 2026-11-20 it is planned to end on 2026-11-27. */
export const CONTRACT = ['owner: [legal]', 'duration: { min: 1d, max: 5d }', 'mode: parallel']

export const SIGNED =
  'id: signed, title: The contract is signed, uses: confirm, with: { text: "Signed?" }, waivable_by: [legal]'

export const AGREED =
  'id: agreed, title: The customer agrees, uses: confirm, with: { text: "Agreed?", from: [customer] }'

/** It waits for a feature that the product does not have. */
export const later = (...waivableBy: readonly string[]): string =>
  'id: later, title: A feature to come, uses: confirm, capability: sso, with: { text: "There?" }, '
  + `waivable_by: [${waivableBy.join(', ')}]`

/** It can be applied at once. */
export const holds = (id: string, title: string): string =>
  `id: ${id}, title: ${title}, uses: assert, with: { that: true, message: No. }`

export const ASKED = 'id: asked, title: Asked, uses: confirm, with: { text: "Well?" }'

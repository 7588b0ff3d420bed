import * as Args from '@oclif/core/args'

// ignoreStdin: without it, oclif takes a missing argument from whatever is piped in.

/** CUSTOMER: a slug, or `slug/name` where the customer has several onboardings. */
export const customer = Args.string({
  description: 'Customer: acme, or acme/eu where it has several onboardings.', required: true, ignoreStdin: true,
})

/** [CUSTOMER], where a handoff file may stand in its place */
export const plannedCustomer = Args.string({
  description: 'Customer: acme, or acme/eu where it has several onboardings.', ignoreStdin: true,
})

/** [CUSTOMER] */
export const anyCustomer = Args.string({
  description: 'Customer: acme, or acme/eu; all of them where it is left out.', ignoreStdin: true,
})

/** STEP: `phase.step`, `step` where that is unique, and its instance after a slash. */
export const step = Args.string({
  description: 'Step: provision.tenant, or tenant where only one step has that id.', required: true, ignoreStdin: true,
})

/** ROLE: a name under which the handoff knows a person of the customer. */
export const contact = Args.string({
  name: 'role',
  description: 'Contact: primary, technical, executive_sponsor, technical_lead, it_admin or primary_user.',
  required: true, ignoreStdin: true,
})

/** DOCUMENT: the name that a step gave it. */
export const document = Args.string({
  description: 'Document: onboard document list CUSTOMER names them.', required: true, ignoreStdin: true,
})

import type { Advice } from './advice.ts'

/** Role under which contacts of the customer sign; its persons come with each handoff. */
const CUSTOMER = 'customer'

export const ownerPerson: Advice = {
  name: 'owner-person',
  level: 'warning',
  finds: 'A role that owns, signs or waives steps, for which the config names nobody.',
  instead:
    'Nobody could take up its steps. '
    + 'Name a person under roles in onboard.config.yaml, or give the steps to another role.',
  check({ draft, settings, say }) {
    const persons = settings.config?.['roles']
    if (typeof persons !== 'object' || persons === null) return
    const steps = draft.phases.flatMap((phase) => phase.steps.map(({ step }) => step))
    draft.roles.forEach((role, i) => {
      const held = (persons as Readonly<Record<string, unknown>>)[role]
      if (role === CUSTOMER || (Array.isArray(held) && held.length > 0)) return
      const owned = steps.filter(({ owner }) => owner.includes(role)).length
      const waived = steps.filter(({ waivable_by }) => waivable_by.includes(role)).length
      if (owned + waived === 0) return
      const what = owned > 0 ? `owns ${count(owned, 'step')}` : `may waive ${count(waived, 'step')}`
      say(draft.document, ['roles', i], `role '${role}' ${what}, and the config names nobody for it (roles.${role})`)
    })
  },
}

function count(number: number, thing: string): string {
  return number === 1 ? `one ${thing}` : `${number} ${thing}s`
}

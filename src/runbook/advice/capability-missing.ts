import { nearest } from '../../input/nearest.ts'
import type { Advice } from './advice.ts'

export const capabilityMissing: Advice = {
  name: 'capability-missing',
  level: 'warning',
  finds: 'A step that needs a capability which the config says the product does not have.',
  instead: 'It will be blocked: unavailable. Give it waivable_by, or set the capability when the product has it.',
  check({ draft, settings, say }) {
    const capabilities = settings.config?.['capabilities']
    if (typeof capabilities !== 'object' || capabilities === null) return
    for (const { step, path, phase } of draft.phases.flatMap(({ steps }) => steps)) {
      const { capability, waivable_by } = step
      if (capability === null || (capabilities as Readonly<Record<string, unknown>>)[capability] === true) continue
      const known = Object.hasOwn(capabilities, capability)
      const near = known ? undefined : nearest(capability, Object.keys(capabilities))
      const says = known ? 'says that the product does not have it' : 'does not know it'
      const waive = waivable_by.length > 0 ? '' : ', and nobody may waive the step'
      const mean = near === undefined ? '' : `; did you mean '${near}'?`
      const message = `the config (capabilities.${capability}) ${says}${waive}${mean}`
      say(phase.document, [...path, 'capability'], message)
    }
  },
}

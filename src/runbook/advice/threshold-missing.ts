import { isObject, type Json, type JsonObject, type Schema } from '../../model.ts'
import { propertiesOf, subschema } from '../cel/shape.ts'
import { meant } from '../draft.ts'
import type { Advice } from './advice.ts'

/** Metrics of these kinds are judged without a line to compare with. */
const WITHOUT = ['events', 'count']

export const thresholdMissing: Advice = {
  name: 'threshold-missing',
  level: 'warning',
  finds: 'A step that measures against a threshold which the runbook does not have.',
  instead: 'It would look, and could not judge. Correct the name, or add it under thresholds in runbook.yaml.',
  check({ draft, settings, say }) {
    const known = draft.thresholds.flatMap(({ written }) => (typeof written['id'] === 'string' ? [written['id']] : []))
    for (const { step, path, phase } of draft.phases.flatMap(({ steps }) => steps)) {
      for (const { name, sort, at } of named(step.with, draft.actions.get(step.uses)?.input ?? {})) {
        const near = meant(name, known)
        const kind = kindOf(settings.config, name)
        const needed = sort === 'threshold' || near !== '' || (kind !== undefined && !WITHOUT.includes(kind))
        if (known.includes(name) || !needed) continue
        say(phase.document, [...path, 'with', ...at], `the runbook has no threshold '${name}'${near}`)
      }
    }
  },
}

interface Named {
  readonly name: string
  /** `metric`: it may be of a kind that needs no threshold. */
  readonly sort: 'threshold' | 'metric'
  readonly at: readonly (string | number)[]
}

/** Names as they are written in inputs whose schema says what they name (`x-names`). */
function named(inputs: JsonObject, schema: Schema): Named[] {
  return Object.entries(propertiesOf(schema) ?? {}).flatMap(([key, field]) => {
    const value: Json | undefined = inputs[key]
    const sort = field['x-names'] ?? subschema(field['items'])?.['x-names']
    if (sort !== 'threshold' && sort !== 'metric') return []
    const texts = Array.isArray(value)
      ? value.map((one: Json, i) => ({ one, at: [key, i] }))
      : [{ one: value, at: [key] }]
    return texts.flatMap(({ one, at }) =>
      typeof one === 'string' && !one.includes('${{') ? [{ name: one, sort, at }] : [],
    )
  })
}

function kindOf(config: JsonObject | null, name: string): string | undefined {
  const metrics = config?.['metrics']
  const metric = isObject(metrics) ? metrics[name] : undefined
  return isObject(metric) && typeof metric['kind'] === 'string' ? metric['kind'] : undefined
}

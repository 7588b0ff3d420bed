import { type Json, type JsonObject, type Scope, UNKNOWN } from '../model.ts'

/** The value at a path of the inputs or of outputs; null where there is none yet. */
export function valueAt(path: string, given: Scope): Json {
  const [root = '', ...rest] = path.split('.')
  const roots: Record<string, JsonObject | null> = {
    handoff: given.handoff, discovery: given.discovery, config: given.config, onboarding: given.onboarding,
    procedure: given.procedure ?? null,
  }
  if (root === 'steps') return outputAt([given.phase, ...rest], given)
  if (root === 'phases') return outputAt([rest[0] ?? '', ...rest.slice(2)], given)
  return descend(roots[root] ?? null, rest)
}

function outputAt([phase = '', step = '', , ...rest]: readonly string[], given: Scope): Json {
  const value = given.outputs.get(phase)?.get(step)
  return value === undefined || value === UNKNOWN ? null : descend(value, rest)
}

function descend(value: Json, keys: readonly string[]): Json {
  return keys.reduce<Json>((at, key) => {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, key)) return null
    return (at as JsonObject)[key] ?? null
  }, value)
}

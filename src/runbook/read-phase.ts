/** The value of a phase file → Phase, as far as it is of the right form; what is not was reported by its schema. */
import type { Parsed } from '../input/document.ts'
import type { Json, JsonObject, Phase, Step } from '../model.ts'
import { daysIn, milliseconds, occasion } from './duration.ts'

type Loose = Readonly<Record<string, Json | undefined>>

export function object(value: Json | undefined): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
}

export function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

export function texts(value: Json | undefined): readonly string[] {
  return list(value).filter((item) => typeof item === 'string')
}

/**
 * `path` is the file's among the runbook's files, so that what is compiled is the same wherever it was read;
 * `before` is the phase listed before this one: the default of `needs`.
 */
export function readPhase(document: Parsed, id: string, path: string, before: string | undefined): Phase {
  const phase = object(document.value)
  const owner = texts(phase['owner'])
  const duration = object(phase['duration'])
  const calendar = phase['days'] === 'calendar'
  const parallel = phase['mode'] === 'parallel'
  const conditions = object(phase['conditions'])
  const [min, max] = [daysIn(text(duration['min']) ?? '', calendar), daysIn(text(duration['max']) ?? '', calendar)]
  return {
    id,
    title: text(phase['title']) ?? id,
    owner,
    needs: phase['needs'] === undefined ? (before === undefined ? [] : [before]) : texts(phase['needs']),
    duration: min === undefined || max === undefined ? null : { min, max },
    ...(calendar ? { days: 'calendar' as const } : {}),
    ...(phase['conditions'] === undefined ? {} : { conditions: pick(conditions, Object.keys(conditions)) }),
    starts: phase['starts'] === undefined ? null : (pick(object(phase['starts']), ['after', 'at', 'offset'])),
    steps: readSteps(document, path, list(phase['steps']).map(object), owner, { parallel, calendar }),
  }
}

function pick(value: Loose, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (typeof value[key] === 'string' ? [[key, value[key]]] : [])))
}

type Mode = { readonly parallel: boolean; readonly calendar: boolean }

function readSteps(
  document: Parsed, path: string, steps: readonly Loose[], owner: readonly string[], { parallel, calendar }: Mode,
): Step[] {
  return steps.map((step, i) => {
    const before = text(steps[i - 1]?.['id'])
    const retry = object(step['retry'])
    const times = retry['times']
    const backoff_ms = milliseconds(text(retry['backoff']) ?? '1s') ?? 1000
    const starts = step['starts']
    const { line, col } = document.locate(['steps', i])
    const on = texts(step['on']).flatMap((one) => occasion(one, calendar) ?? [])
    return {
      id: text(step['id']) ?? '',
      title: text(step['title']) ?? text(step['id']) ?? '',
      uses: text(step['uses']) ?? '',
      with: object(step['with']) as JsonObject,
      when: text(step['when']),
      owner: step['owner'] === undefined ? owner : texts(step['owner']),
      needs: step['needs'] !== undefined ? texts(step['needs']) : parallel || before === null ? [] : [before],
      for_each: text(step['for_each']),
      ...(step['on'] === undefined ? {} : { on }),
      ...(starts === undefined ? {} : { starts: { at: '', ...pick(object(starts), ['at', 'offset']) } }),
      retry: typeof times === 'number' ? { times, backoff_ms } : null,
      timeout_ms: milliseconds(text(step['timeout']) ?? '') ?? null,
      waivable_by: texts(step['waivable_by']),
      binds: texts(step['binds']),
      capability: text(step['capability']),
      at: { file: path, line, col },
    }
  })
}

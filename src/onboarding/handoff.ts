import type { Diagnostic } from '../errors.ts'
import { readDocument, type Parsed } from '../input/document.ts'
import { shippedSchema } from '../input/shipped.ts'
import type { Json, JsonObject } from '../model.ts'
import { completeness } from './completeness.ts'
import type { Config } from './config.ts'
import { handoffRules } from './handoff-rules.ts'
import { normaliseDiscovery, normaliseHandoff } from './normalise.ts'

export interface HandoffSource {
  readonly bytes: Uint8Array
  /** Its name in diagnostics. */
  readonly file: string
}

export interface CheckedHandoff {
  /**
   * As expressions see it: slug, administrator, time zone, limits and session filled in, contacts as lists, texts
   * trimmed. null where the file is not even in its form.
   */
  readonly document: JsonObject | null
  /** Out of the handoff or a file of its own; null where there is none yet. */
  readonly discovery: JsonObject | null
  /** How much of the checklist is answered, in whole per cent, and the names of what is not. */
  readonly completeness: number
  readonly missing: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Checks a handoff and, where there is one, the discovery beside it: form first, then the rules between fields.
 * Every finding at once, each with its place. `today` is the day of acceptance, `YYYY-MM-DD`.
 */
export function checkHandoff(
  handoff: HandoffSource,
  { discovery, today, config }: {
    readonly discovery?: HandoffSource | undefined
    readonly today: string
    readonly config: Config
  },
): CheckedHandoff {
  const main = readDocument(handoff.bytes, { file: handoff.file, schema: shippedSchema('handoff') })
  const own = discovery && readDocument(discovery.bytes, { file: discovery.file, schema: shippedSchema('discovery') })
  const found = [...main.diagnostics, ...(own?.diagnostics ?? [])]
  const given = asObject(main.value)
  const inside = asObject(given?.['discovery'])
  const beside = asObject(own?.value)
  if (own !== undefined && given !== null && 'discovery' in given) found.push(twice(main))
  const answers = completeness({ ...given, discovery: beside ?? inside ?? null })
  if (given === null) return { document: null, discovery: null, ...answers, diagnostics: found }
  const document = normaliseHandoff(given, config)
  const needs = beside ?? inside
  const discovered = needs === null ? null : normaliseDiscovery(needs)
  const broken = brokenFields(found, discovery?.file)
  const rules = handoffRules({ document, discovery: discovered, handoff: main, beside: own, today, config }, broken)
  const inForm = errorsOf(found).length === 0
  return {
    document: inForm ? document : null,
    discovery: inForm ? discovered : null,
    ...answers,
    diagnostics: [...found, ...rules].toSorted((a, b) => (
      Number(a.file !== handoff.file) - Number(b.file !== handoff.file) || a.line - b.line || a.col - b.col
    )),
  }
}

/** Dotted names in the handoff of the fields that are wrong; an unknown key says nothing of the fields beside it. */
function brokenFields(found: readonly Diagnostic[], discoveryFile: string | undefined): string[] {
  return errorsOf(found).flatMap(({ file, field, rule }) => {
    if (field === undefined || rule === 'unknown-key') return []
    return file === discoveryFile ? `discovery.${field}` : field.replace(/\[.*$/, '')
  })
}

/** The findings that make a file unfit for use. */
export function errorsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error')
}

function twice(main: Parsed): Diagnostic {
  const message = 'discovery stands here and in a file of its own: keep one of the two'
  return { ...main.locate(['discovery']), message, rule: 'duplicate', severity: 'error', field: 'discovery' }
}

function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

import type { Diagnostic } from '../../errors.ts'
import type { Json, JsonObject } from '../../model.ts'
import type { Feasibility } from '../../onboarding/feasibility.ts'
import type { Output } from '../output.ts'
import { bold, dim, yellow, type Piece } from '../style.ts'
import { diagnostics } from './diagnostics.ts'

/** How complete a handoff is, what it lacks, and what is to be thought of. */
export function showAnswers(
  { completeness, missing, warnings, feasibility }: {
    readonly completeness: number
    readonly missing: readonly string[]
    readonly warnings: readonly Diagnostic[]
    readonly feasibility: Feasibility | null
  },
  out: Output,
  source?: (file: string) => string | undefined,
): void {
  out.line(
    `${completeness} % of the checklist is answered`, missing.length === 0 ? '' : dim(` · open: ${missing.join(', ')}`),
  )
  if (feasibility !== null) {
    const { fits, earliest_go_live, go_live, business_days } = feasibility
    const days = `${business_days} business day${business_days === 1 ? '' : 's'}`
    const said = `${days} at least before go-live: earliest ${earliest_go_live}, wanted ${go_live}`
    out.line(fits ? dim(said) : yellow(`${said}: this does not fit`))
  }
  diagnostics(warnings, (...pieces) => out.note(...pieces), source)
}

/** The order in which people know a handoff; the database keeps keys in one of its own. */
const SECTIONS = ['company', 'contacts', 'admin', 'dates', 'commercial', 'technical', 'compliance', 'external', 'notes']

/** A document as lines: `field  value`, one for each leaf. */
export function showDocument(document: JsonObject, out: Output): void {
  const sections = Object.entries(document).toSorted(([a], [b]) => SECTIONS.indexOf(a) - SECTIONS.indexOf(b))
  const all = sections.flatMap(([section, value]) => leaves(value, section))
  out.table(all.map(([path, leaf]): Piece[] => [dim(path), leaf]))
}

export function heading(text: string, out: Output): void {
  out.line(bold(text))
}

function leaves(value: Json, path: string): [string, string][] {
  if (isPerson(value)) {
    const parts = [value['name'], `<${String(value['email'])}>`, value['phone']]
    return [[path, parts.filter((part) => part !== undefined).join(' ')]]
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return [[path, '–']]
    if (value.every((item) => typeof item !== 'object')) return [[path, value.join(', ')]]
    return value.flatMap((item, i) => leaves(item as Json, value.length === 1 ? path : `${path}[${i}]`))
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, one]) => leaves(one as Json, `${path}.${key}`))
  }
  return [[path, value === '' || value === null ? '–' : String(value)]]
}

export function isPerson(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && 'name' in value && 'email' in value
}

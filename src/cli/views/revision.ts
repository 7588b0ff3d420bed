import type { Json } from '../../model.ts'
import type { Revised } from '../../onboarding/revise.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, dim, green, yellow, type Piece } from '../style.ts'
import { isPerson, showAnswers } from './handoff.ts'
import { fieldChange } from './value.ts'

const SAID: Readonly<Record<Revised['outcome'], string>> = {
  revised: 'revised', planned: 'would be revised', unchanged: 'unchanged: this is what it runs on',
}
const WHY = { inputs: 'is planned again: its inputs differ', begins: 'applies now', ends: 'does not apply any more' }

/** What a revision changes; then what the checklist and the calendar say of it. */
export function showRevision(result: Revised, out: Output, source?: (file: string) => string | undefined): void {
  showRevised(result, out)
  showAnswers(result, out, source)
}

/** What a revision changes: fields, sign-offs, steps. */
export function showRevised(result: Revised, out: Output): void {
  const { onboarding, company, outcome, inputs, changes, sign_offs, steps, head } = result
  const said = SAID[outcome]
  out.line(
    green(outcome === 'unchanged' ? '= ' : '✓ '), bold(onboarding), ` ${company} · ${said}`,
    dim(head === null ? '' : ` · journal entry ${head.seq}`),
  )
  for (const { kind, version, digest } of inputs) {
    out.line('  ', dim(`${kind} version ${version} (${digest.slice(0, 12)})`))
  }
  const widest = Math.max(0, ...changes.map(({ field }) => lengthOf(field)))
  for (const { field, before, after } of changes) {
    const room = Math.max(24, out.width - widest - 8)
    out.line(
      '  ~ ', field, ' '.repeat(widest - lengthOf(field) + 2),
      fieldChange({ field, before: people(before), after: people(after), unknown: false }, room),
    )
  }
  const voided = sign_offs.filter(({ state }) => state === 'void')
  const kept = sign_offs.length - voided.length
  out.table([
    ...voided.map(({ step }): Piece[] => [
      yellow('  void'), step, dim('its sign-off: what was signed reads otherwise now'),
    ]),
    ...steps.map(({ step, why }): Piece[] => [yellow('  plan'), step, dim(WHY[why])]),
  ])
  if (kept === 0 || outcome === 'unchanged') return
  out.line('  ', dim(kept === 1 ? 'one sign-off holds' : `${kept} sign-offs hold`))
}

/** People as they are read: `Ada Meier <ada@acme.example>`; other values as they are. */
function people(value: Json): Json {
  const list = Array.isArray(value) ? (value as readonly Json[]) : null
  if (list === null || list.length === 0 || !list.every(isPerson)) return value
  return list.map(({ name, email }) => `${String(name)} <${String(email)}>`).join(', ')
}

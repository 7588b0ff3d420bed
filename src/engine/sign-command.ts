import type { JsonObject, Question } from '../model.ts'
import { keyText } from './keys.ts'
import type { Turn } from './walk.ts'

/** The command with which a person answers: `onboard sign acme contract.signed --evidence FILE`. */
export function signCommand(
  customer: string, turn: Pick<Turn, 'key'>,
  question: Pick<Question, 'evidence' | 'from' | 'command' | 'first' | 'fields'>,
): string {
  const other = question.first ?? question.command
  if (other !== undefined) return other.replace('CUSTOMER', customer)
  const parts = ['onboard sign', customer, keyText(turn.key)]
  if (question.from.length === 1 && question.from[0] === 'customer') parts.push('--on-behalf-of CONTACT')
  const asked = Object.entries(question.fields ?? {}).filter(([, about]) => (about as JsonObject)['required'] !== false)
  // A list cannot be typed as one value.
  if (asked.some(([, about]) => (about as JsonObject)['type'] === 'list')) parts.push('--answers FILE')
  else parts.push(...asked.map(([field]) => `--set ${field}=VALUE`))
  if (question.evidence === 'required') parts.push('--evidence FILE')
  return parts.join(' ')
}

/** The command that passes over a step until a day; null where nobody may. */
export function waiveCommand(customer: string, { step, key }: Pick<Turn, 'key' | 'step'>): string | null {
  return step.waivable_by.length > 0 ? `onboard waive ${customer} ${keyText(key)} --reason TEXT --until DATE` : null
}

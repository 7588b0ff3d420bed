import type { Diagnostic } from '../errors.ts'
import type { Json } from '../model.ts'
import { checkHandoff, errorsOf } from './handoff.ts'
import type { Config } from './config.ts'
import { handoffOf, type Answers, type IntakeQuestion } from './intake-questions.ts'

interface Judging {
  readonly answers: Answers
  readonly config: Config
  /** `YYYY-MM-DD` */
  readonly today: string
}

/**
 * What is wrong with an answer, in the words in which `handoff check` says it, given the answers before it; undefined
 * where nothing is.
 */
export function wrongAnswer(
  { field, optional }: IntakeQuestion, answer: Json, { answers, config, today }: Judging,
): string | undefined {
  if (answer === null && !optional) return `${field} is needed`
  const handoff = handoffOf({ ...answers, [field]: answer })
  const bytes = Buffer.from(JSON.stringify(handoff))
  const errors = errorsOf(checkHandoff({ bytes, file: 'answers.json' }, { config, today }).diagnostics)
  // What is not there yet is asked later.
  const isAsked = (error: Diagnostic): boolean => error.rule !== 'missing' || isThere(handoff, error.field ?? '')
  return errors.find((error) => isAbout(field, error) && isAsked(error))?.message
}

function isThere(handoff: Json, field: string): boolean {
  const path = field.split(/[.[\]]+/).filter((key) => key !== '')
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), handoff,
  )
  return value !== undefined
}

/** A name without Latin letters is right; it is the slug that has to be given then. */
function isAbout(asked: string, { field, rule }: Diagnostic): boolean {
  if (rule === 'slug') return asked === 'company.slug'
  return field === asked || field?.startsWith(`${asked}[`) === true
}

/** What a person typed → the value: a number where digits are asked for, a list parted at commas, null for nothing. */
export function answerOf({ kind }: Pick<IntakeQuestion, 'kind'>, typed: string): Json {
  const text = typed.normalize('NFC').trim()
  if (kind === 'list') return text === '' ? [] : text.split(',').map((one) => one.trim()).filter((one) => one !== '')
  if (text === '') return null
  return kind === 'number' && /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

/** What the fields of a form ask for, and whether an answer fits. */
import { isDateText } from '../dates.ts'
import type { Json, JsonObject, Schema } from '../model.ts'

export interface Field {
  readonly title: string
  readonly type: 'text' | 'lines' | 'integer' | 'number' | 'boolean' | 'date' | 'email' | 'list'
  readonly required?: boolean
  /** Of a text: the answers that there are. */
  readonly enum?: readonly string[]
  readonly min?: number
  readonly max?: number
  /** Of a list: the fields of each of its items; texts where it is left out. */
  readonly of?: Fields
}

export type Fields = { readonly [name: string]: Field }

const TYPES: Readonly<Record<Field['type'], string>> = {
  text: 'a text of one line',
  lines: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'yes or no (true or false)',
  date: 'a date, YYYY-MM-DD',
  email: 'a mail address',
  list: 'a list',
}
const MOST_TEXT = { text: 300, lines: 10_000, email: 254, date: 10 } as const
const MOST_ITEMS = 200

/** Schema of the answer to one field. */
export function schemaOf(field: Field): Schema {
  const nothing = field.required === false ? ['null'] : []
  switch (field.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: [field.type, ...nothing], description: field.title }
    case 'list':
      return {
        type: ['array', ...nothing], description: field.title,
        items: field.of === undefined ? { type: 'string' } : schemaOfAll(field.of),
      }
    default:
      return field.enum === undefined || nothing.length > 0
        ? { type: ['string', ...nothing], description: field.title }
        : { type: 'string', enum: [...field.enum], description: field.title }
  }
}

/** Schema of the answers to several: those not given are null. */
export function schemaOfAll(fields: Fields): Schema {
  return {
    type: 'object', additionalProperties: false, required: Object.keys(fields),
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, schemaOf(field)])),
  }
}

export interface Filled {
  readonly values: JsonObject
  /** Everything that does not fit, each a sentence that begins with the field's name. */
  readonly wrong: readonly string[]
}

/** Answers as given → answers as the fields have them, with null for what was left out. */
export function fill(fields: Fields, given: JsonObject, path = ''): Filled {
  const wrong: string[] = []
  const values: Record<string, Json> = {}
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name)) {
      wrong.push(`${path}${name} is not asked for; ${Object.keys(fields).join(', ')} are`)
    }
  }
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined || value === null || value === '') {
      values[name] = null
      if (field.required !== false) wrong.push(`${path}${name} is missing: ${field.title}${wantedOf(field, name)}`)
      continue
    }
    const fitted = fit(field, value, `${path}${name}`)
    values[name] = fitted.value
    wrong.push(...fitted.wrong)
  }
  return { values, wrong }
}

function fit(field: Field, given: Json, path: string): { value: Json; wrong: readonly string[] } {
  const refuse = (why: string) => ({ value: null, wrong: [`${path}: ${JSON.stringify(given).slice(0, 80)} ${why}`] })
  if (field.type === 'list') {
    if (!Array.isArray(given)) return refuse(`is not a list: it stands in a file for --answers, ${listed(field, path)}`)
    if (given.length > MOST_ITEMS) return refuse(`has more than ${MOST_ITEMS} items`)
    const items = (given as readonly Json[]).map((item, at) => fitItem(field, item, `${path}[${at}]`))
    return { value: items.map(({ value }) => value), wrong: items.flatMap(({ wrong }) => wrong) }
  }
  const value = typed(field.type, given)
  if (value === undefined) return refuse(`is not ${TYPES[field.type]}`)
  if (typeof value === 'number' && field.min !== undefined && value < field.min) {
    return refuse(`is less than ${field.min}`)
  }
  if (typeof value === 'number' && field.max !== undefined && value > field.max) {
    return refuse(`is more than ${field.max}`)
  }
  if (field.enum !== undefined && !field.enum.includes(String(value))) {
    return refuse(`is not one of ${field.enum.join(', ')}`)
  }
  return { value, wrong: [] }
}

/** How a list is written: `actions: [{ text: …, due: … }]`. */
/** ` (stay, go)`; nothing where the question says it. */
function wantedOf(field: Field, name: string): string {
  if (field.type === 'list') return ` (${listed(field, name)})`
  return field.enum === undefined ? '' : ` (${field.enum.join(', ')})`
}

function listed({ of }: Field, path: string): string {
  return `${path}: [${of === undefined ? '…, …' : `{ ${Object.keys(of).map((name) => `${name}: …`).join(', ')} }`}]`
}

function fitItem(field: Field, item: Json, path: string): { value: Json; wrong: readonly string[] } {
  if (field.of === undefined) return fit({ title: '', type: 'text' }, item, path)
  if (item === null || typeof item !== 'object' || Array.isArray(item)) {
    return { value: null, wrong: [`${path} is to have ${Object.keys(field.of).join(', ')}`] }
  }
  const { values, wrong } = fill(field.of, item as JsonObject, `${path}.`)
  return { value: values, wrong }
}

/** The value in its type; undefined: it is of another. Numbers and booleans may come as texts, from a command line. */
function typed(type: Exclude<Field['type'], 'list'>, given: Json): Json | undefined {
  switch (type) {
    case 'boolean':
      if (typeof given === 'boolean') return given
      return ({ true: true, yes: true, false: false, no: false } as Record<string, boolean>)[String(given)]
    case 'integer':
    case 'number': {
      const isWritten = typeof given === 'string' && /^-?\d+(\.\d+)?$/.test(given.trim())
      const number = typeof given === 'number' || isWritten ? Number(given) : NaN
      return Number.isFinite(number) && (type === 'number' || Number.isSafeInteger(number)) ? number : undefined
    }
    default:
      return typeof given === 'string' && given.length <= MOST_TEXT[type] && TEXTS[type](given) ? given : undefined
  }
}

/** But tab and line feed. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

const TEXTS: Readonly<Record<'text' | 'lines' | 'date' | 'email', (text: string) => boolean>> = {
  // oxlint-disable-next-line no-control-regex
  text: (text) => text.trim() !== '' && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text),
  lines: (text) => text.trim() !== '' && !CONTROL.test(text.replaceAll('\r\n', '\n')),
  date: isDateText,
  email: (text) => /^[^\s@<>,;:"\\()[\]]+@[^\s@<>,;:"\\()[\]]+$/.test(text),
}

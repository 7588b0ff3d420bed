import type { ErrorObject } from 'ajv'
import type { Json, Schema } from '../model.ts'
import { FORMATS } from './formats.ts'
import { nearest } from './nearest.ts'
import { cutByComma, trap } from './traps.ts'
import { dotted, type Path, type Tree } from './tree.ts'
import { escaped, shown } from './unsafe.ts'

export interface Sentence {
  readonly rule: string
  readonly message: string
}

/** What is known of an error where it is said. */
interface About {
  readonly error: ErrorObject
  readonly path: Path
  /** Of the field, as it is shown. */
  readonly name: string
  /** The value as it is shown. */
  readonly value: string
  /** A plain scalar as it is written. */
  readonly source: string | undefined
  /** The schema of the field, and what it says has to be written. */
  readonly own: Schema | undefined
  readonly hint: string | undefined
  /** The whole schema. */
  readonly schema: Schema
}

/** An error of a validation as a sales engineer understands it. @param node what stands there */
export function sentence(error: ErrorObject, path: Path, schema: Schema, node: Tree | undefined): Sentence {
  const own = error.parentSchema as Schema | undefined
  const say = SAYINGS[error.keyword] ?? otherwise
  return say({
    error, path, own, schema,
    name: path.length === 0 ? 'the file' : escaped(dotted(path)),
    value: shown(error.data),
    source: node?.kind === 'scalar' && node.style === 'plain' ? node.source : undefined,
    hint: typeof own?.['x-hint'] === 'string' ? own['x-hint'] : undefined,
  })
}

const SAYINGS: Readonly<Record<string, (about: About) => Sentence>> = {
  required: (about) => ({ rule: 'missing', message: missing(about, 'is missing') }),
  additionalProperties: unknownKey,
  type: ({ name, error, source, own }) => {
    const types = [error.params['type'] as string | string[]].flat()
    return { rule: 'type', message: `${name} ${wrongType(types, error.data as Json, source, own)}` }
  },
  enum: choice,
  const: choice,
  format: (about) => {
    const { name, error, value } = about
    const wrong = FORMATS[String(error.params['format'])]?.(String(error.data)) ?? 'is not in the form it must have'
    if (wrong === 'is empty') return { rule: 'missing', message: missing(about, wrong) }
    return { rule: 'format', message: `${name} ${wrong} (found ${value})` }
  },
  pattern: ({ name, error, value, hint }) => {
    if (error.data === '') return { rule: 'format', message: `${name} is empty` }
    const wanted = hint ?? `a text that matches ${String(error.params['pattern'])}`
    return { rule: 'format', message: `${name} must be ${wanted}, not ${value}` }
  },
  propertyNames: ({ name, path, error, hint }) => {
    const where = path.length === 0 ? '' : `${name}: `
    const key = shown(error.params['propertyName'])
    return { rule: 'key', message: `${where}${key} cannot be a key here${hint === undefined ? '' : `: ${hint}`}` }
  },
  minLength: ({ name, error }) => {
    const message = error.data === '' ? `${name} is empty` : `${name} must have at least ${limit(error)} characters`
    return { rule: 'length', message }
  },
  maxLength: ({ name, error }) => {
    const length = [...String(error.data)].length
    return { rule: 'length', message: `${name} must have at most ${limit(error)} characters; it has ${length}` }
  },
  minItems: ({ name, error }) => ({ rule: 'length', message: `${name} must list at least ${limit(error)}` }),
  maxItems: ({ name, error }) => ({ rule: 'length', message: `${name} must list at most ${limit(error)}` }),
  minProperties: ({ name, error, hint }) => (
    { rule: 'length', message: `${name} must have ${hint ?? `at least ${entries(limit(error))}`}` }
  ),
  maxProperties: ({ name, error, hint }) => (
    { rule: 'length', message: `${name} must have ${hint ?? `at most ${entries(limit(error))}`}` }
  ),
  uniqueItems: ({ name, error }) => {
    const twice = shown((error.data as Json[])[Number(error.params['i'])])
    return { rule: 'duplicate', message: `${name} lists ${twice} twice` }
  },
  minimum: (about) => range(about, `at least ${limit(about.error)}`),
  maximum: (about) => range(about, `at most ${limit(about.error)}`),
  exclusiveMinimum: (about) => range(about, `more than ${limit(about.error)}`),
  multipleOf: (about) => range(about, `a multiple of ${String(about.error.params['multipleOf'])}`),
  anyOf: form,
  oneOf: form,
}

function otherwise({ name, error, hint }: About): Sentence {
  const wrong = escaped(error.message ?? 'is not allowed')
  return { rule: 'schema', message: `${name} ${wrong}${hint === undefined ? '' : `: ${hint}`}` }
}

function missing({ name, error, schema }: About, how: string): string {
  const because = reason(error.schemaPath, schema)
  return because === undefined ? `${name} ${how}` : `${name} is needed because ${because}`
}

function limit({ params }: ErrorObject): string {
  return String(params['limit'])
}

function entries(count: string): string {
  return `${count} ${count === '1' ? 'entry' : 'entries'}`
}

function range({ name, value }: About, wanted: string): Sentence {
  return { rule: 'range', message: `${name} must be ${wanted}, not ${value}` }
}

function form({ name, error, value, hint }: About): Sentence {
  return { rule: 'form', message: `${name} must be ${hint ?? typesOf(error)}, not ${value}` }
}

function unknownKey({ error, path, source, own }: About): Sentence {
  const key = String(error.params['additionalProperty'])
  const within = path.length > 1 ? ` in ${escaped(dotted(path.slice(0, -1)))}` : ''
  return { rule: 'unknown-key', message: `unknown key ${shown(key)}${within}${wayOut(key, error, source, own)}` }
}

/** What to write instead of an unknown key. */
function wayOut(key: string, error: ErrorObject, source: string | undefined, own: Schema | undefined): string {
  const cut = source === '' ? cutByComma(key) : undefined
  if (cut !== undefined) return cut
  const other = hereIt(error)
  if (other !== undefined) return `: here it is ${other}`
  const meant = meantBy(error)
  if (meant !== undefined) return `; did you mean "${meant}"?`
  const known = Object.keys((own?.['properties'] as object | undefined) ?? {})
  return known.length > 0 && known.length <= 12 ? `; known here: ${known.join(', ')}` : ''
}

/** The key that an unknown one was most likely meant for. */
export function meantBy(error: ErrorObject): string | undefined {
  const { params, parentSchema } = error
  const properties = Object.keys((parentSchema?.['properties'] as object | undefined) ?? {})
  return hereIt(error)?.split(':')[0] ?? nearest(String(params['additionalProperty']), properties)
}

/** What a key of another format is here, with what it takes. */
function hereIt({ params, parentSchema }: ErrorObject): string | undefined {
  const words = parentSchema?.['x-meant'] as Readonly<Record<string, string>> | undefined
  const key = String(params['additionalProperty'])
  return words !== undefined && Object.hasOwn(words, key) ? words[key] : undefined
}

function choice({ error, name, source }: About): Sentence {
  const { keyword, params, data } = error
  const allowed = keyword === 'const' ? [params['allowedValue'] as Json] : (params['allowedValues'] as Json[])
  const trapped = source === undefined ? undefined : trap(source)
  if (trapped?.meant === 'boolean' && allowed.includes(true)) {
    return { rule: 'yaml-trap', message: `${name}: ${trapped.message}` }
  }
  const names = allowed.filter((one) => typeof one === 'string')
  const meant = typeof data === 'string' ? nearest(data, names) : undefined
  const near = meant === undefined ? '' : `; did you mean ${meant}?`
  return { rule: 'choice', message: `${name} ${chosenFrom(allowed, data as Json)}${near}` }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  null: 'empty',
}

function chosenFrom(allowed: readonly Json[], data: Json): string {
  const wanted = `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.map(plain).join(', ')}`
  return data === null ? `is empty: it ${wanted}` : `${wanted}, not ${shown(data)}`
}

function wrongType(
  types: readonly string[], data: Json, source: string | undefined, own: Schema | undefined,
): string {
  const wanted = types.map((type) => TYPES[type] ?? type).join(' or ')
  if (data === null) return `is empty: it must be ${wanted}`
  const trapped = source === undefined ? undefined : trap(source)
  const fits =
    trapped?.meant === 'boolean' ? types.includes('boolean') : types.includes('integer') || types.includes('number')
  if (trapped !== undefined && fits) return `must be ${wanted}: ${trapped.message}`
  if (types.includes('string') && typeof data !== 'object') {
    // In quotes it might still not be what is wanted.
    const pattern = own?.['pattern']
    const fits = typeof pattern !== 'string' || new RegExp(pattern, 'u').test(String(data))
    if (!fits && typeof own?.['x-hint'] === 'string') return `must be ${own['x-hint']}, not ${shown(data)}`
    return `must be ${wanted}, not ${shown(data)}: put it in quotes`
  }
  if (typeof data === 'string' && isLiteral(data, types)) {
    return `must be ${wanted}, not the text ${shown(data)}: remove the quotes`
  }
  return `must be ${wanted}, not ${describe(data)}`
}

/** Whether a text would be right without its quotes. */
function isLiteral(text: string, types: readonly string[]): boolean {
  if (types.includes('boolean') && /^(?:true|false)$/.test(text)) return true
  return (types.includes('integer') || types.includes('number')) && /^-?\d+$/.test(text)
}

function describe(data: Json): string {
  if (Array.isArray(data)) return 'a list'
  if (typeof data === 'object') return 'a mapping'
  return typeof data === 'string' ? `the text ${shown(data)}` : shown(data)
}

function typesOf(error: ErrorObject): string {
  const branches = (error.schema as Schema[]).flatMap((branch) =>
    [branch['type'] as string | string[] | undefined].flat(),
  )
  const known = branches.filter((type) => type !== undefined).map((type) => TYPES[type] ?? type)
  return known.length > 0 ? [...new Set(known)].join(' or ') : 'one of the forms described in the schema'
}

function plain(value: Json): string {
  return typeof value === 'string' && value !== '' ? escaped(value) : shown(value)
}

/** The nearest `x-because` above the keyword that failed. */
function reason(schemaPath: string, schema: Schema): string | undefined {
  let node: unknown = schema
  let found: string | undefined
  for (const part of schemaPath.replace(/^#\//, '').split('/')) {
    if (typeof node !== 'object' || node === null) break
    node = (node as Record<string, unknown>)[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')]
    if (typeof node === 'object' && node !== null && 'x-because' in node) found = String(node['x-because'])
  }
  return found
}

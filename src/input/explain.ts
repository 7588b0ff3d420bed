import type { ErrorObject } from 'ajv'
import type { Json, Schema } from '../model.ts'
import { FORMATS } from './formats.ts'
import { nearest } from './nearest.ts'
import type { Finding } from './text.ts'
import { cutByComma, trap } from './traps.ts'
import { dotted, find, type Path, type Tree } from './tree.ts'
import { escaped, shown } from './unsafe.ts'

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  null: 'empty',
}

/** Each error of a validation as a finding that a sales engineer understands, at the key or value it is about. */
export function explain(errors: readonly ErrorObject[], schema: Schema, tree: Tree): Finding[] {
  const kept = leaves(errors)
  return kept.filter((error) => !isMisspelt(error, kept)).map((error) => {
    const path = pathOf(error, tree)
    const { offset, node } = find(tree, path)
    const said = sentence(error, path, schema, node)
    // About a value the value is pointed at, about a key the key.
    const onKey = error.keyword === 'required' || error.keyword === 'additionalProperties' || node === undefined
    return { ...said, path, offset: onKey ? offset : node.offset }
  })
}

/** A missing key of which a misspelling stands beside it: said there. */
function isMisspelt(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword !== 'required') return false
  const missing = String(error.params['missingProperty'])
  return all.some((other) => other.keyword === 'additionalProperties' && other.instancePath === error.instancePath && meantBy(other) === missing)
}

function meantBy(error: ErrorObject): string | undefined {
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

/** Without what only repeats others: `if`, the type of what is to be one of a list, and of anyOf and oneOf all branches but the one that was most likely meant. */
function leaves(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const place = ({ instancePath, schemaPath }: ErrorObject) => `${instancePath} ${schemaPath.replace(/[^/]*$/, '')}`
  const chosen = new Set(errors.filter(({ keyword }) => keyword === 'enum' || keyword === 'const').map(place))
  let kept = errors.filter((error) => error.keyword !== 'if' && !(error.keyword === 'type' && chosen.has(place(error))))
  for (const choice of errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')) {
    const inside = (error: ErrorObject) => error !== choice && error.schemaPath.startsWith(`${choice.schemaPath}/`) && error.instancePath.startsWith(choice.instancePath)
    const branches = Map.groupBy(
      kept.filter(inside), (error) => error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0],
    )
    const fitting = [...branches.values()].filter((branch) => !branch.some((error) => isOfAnotherType(error, choice)))
    const meant = fitting.toSorted((a, b) => a.length - b.length)[0]
    kept = kept.filter((error) => !inside(error) && (error !== choice || meant === undefined))
    if (meant !== undefined) kept.push(...meant)
  }
  return kept
}

/** The branch is for values of another type than the one given. */
function isOfAnotherType(error: ErrorObject, choice: ErrorObject): boolean {
  if (error.instancePath !== choice.instancePath) return false
  if (error.keyword === 'type') return true
  return error.keyword === 'enum' && !(error.params['allowedValues'] as Json[]).some((one) => typeof one === typeof error.data)
}

function pathOf(error: ErrorObject, tree: Tree): Path {
  const path: (string | number)[] = []
  for (const part of error.instancePath.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(find(tree, path).node?.kind === 'list' ? Number(key) : key)
  }
  if (error.keyword === 'required') path.push(String(error.params['missingProperty']))
  if (error.keyword === 'additionalProperties') path.push(String(error.params['additionalProperty']))
  return path
}

function sentence(error: ErrorObject, path: Path, schema: Schema, node: Tree | undefined): { message: string; rule: string } {
  const name = path.length === 0 ? 'the file' : escaped(dotted(path))
  const source = node?.kind === 'scalar' && node.style === 'plain' ? node.source : undefined
  const own = error.parentSchema as Schema | undefined
  const hint = typeof own?.['x-hint'] === 'string' ? own['x-hint'] : undefined
  const value = shown(error.data)
  const limit = String(error.params['limit'])
  switch (error.keyword) {
    case 'required': {
      const because = reason(error.schemaPath, schema)
      return {
        rule: 'missing', message: because === undefined ? `${name} is missing` : `${name} is needed because ${because}`,
      }
    }
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty'])
      const known = Object.keys((own?.['properties'] as object | undefined) ?? {})
      const meant = meantBy(error)
      const cut = source === '' ? cutByComma(key) : undefined
      const other = hereIt(error)
      const way = cut !== undefined ? cut : other !== undefined ? `: here it is ${other}` : meant !== undefined ? `; did you mean "${meant}"?` : known.length > 0 && known.length <= 12 ? `; known here: ${known.join(', ')}` : ''
      return {
        rule: 'unknown-key',
        message: `unknown key ${shown(key)}${path.length > 1 ? ` in ${escaped(dotted(path.slice(0, -1)))}` : ''}${way}`,
      }
    }
    case 'type':
      return {
        rule: 'type',
        message: `${name} ${wrongType([error.params['type'] as string | string[]].flat(), error.data as Json, source, own)}`,
      }
    case 'enum':
    case 'const': {
      const allowed = error.keyword === 'const' ? [error.params['allowedValue']] : (error.params['allowedValues'] as Json[])
      const meant = typeof error.data === 'string' ? nearest(error.data, allowed.filter((one) => typeof one === 'string')) : undefined
      const trapped = source === undefined ? undefined : trap(source)
      if (trapped?.meant === 'boolean' && allowed.includes(true)) return { rule: 'yaml-trap', message: `${name}: ${trapped.message}` }
      return { rule: 'choice', message: `${name} ${chosenFrom(allowed, error.data as Json)}${meant === undefined ? '' : `; did you mean ${meant}?`}` }
    }
    case 'format': {
      const wrong = FORMATS[String(error.params['format'])]?.(String(error.data)) ?? 'is not in the form it must have'
      const because = reason(error.schemaPath, schema)
      if (wrong !== 'is empty') return { rule: 'format', message: `${name} ${wrong} (found ${value})` }
      return {
        rule: 'missing', message: because === undefined ? `${name} is empty` : `${name} is needed because ${because}`,
      }
    }
    case 'pattern':
      return { rule: 'format', message: error.data === '' ? `${name} is empty` : `${name} must be ${hint ?? `a text that matches ${String(error.params['pattern'])}`}, not ${value}` }
    case 'propertyNames':
      return { rule: 'key', message: `${path.length === 0 ? '' : `${name}: `}${shown(error.params['propertyName'])} cannot be a key here${hint === undefined ? '' : `: ${hint}`}` }
    case 'minLength':
      return {
        rule: 'length',
        message: error.data === '' ? `${name} is empty` : `${name} must have at least ${limit} characters`,
      }
    case 'maxLength':
      return {
        rule: 'length',
        message: `${name} must have at most ${limit} characters; it has ${[...String(error.data)].length}`,
      }
    case 'minItems':
      return { rule: 'length', message: `${name} must list at least ${limit}` }
    case 'maxItems':
      return { rule: 'length', message: `${name} must list at most ${limit}` }
    case 'minProperties':
      return {
        rule: 'length',
        message: `${name} must have ${hint ?? `at least ${limit} ${limit === '1' ? 'entry' : 'entries'}`}`,
      }
    case 'maxProperties':
      return {
        rule: 'length',
        message: `${name} must have ${hint ?? `at most ${limit} ${limit === '1' ? 'entry' : 'entries'}`}`,
      }
    case 'uniqueItems':
      return {
        rule: 'duplicate', message: `${name} lists ${shown((error.data as Json[])[Number(error.params['i'])])} twice`,
      }
    case 'minimum':
      return { rule: 'range', message: `${name} must be at least ${limit}, not ${value}` }
    case 'maximum':
      return { rule: 'range', message: `${name} must be at most ${limit}, not ${value}` }
    case 'exclusiveMinimum':
      return { rule: 'range', message: `${name} must be more than ${limit}, not ${value}` }
    case 'multipleOf':
      return {
        rule: 'range', message: `${name} must be a multiple of ${String(error.params['multipleOf'])}, not ${value}`,
      }
    case 'anyOf':
    case 'oneOf':
      return { rule: 'form', message: `${name} must be ${hint ?? typesOf(error)}, not ${value}` }
    default:
      return {
        rule: 'schema',
        message: `${name} ${escaped(error.message ?? 'is not allowed')}${hint === undefined ? '' : `: ${hint}`}`,
      }
  }
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
  const fits = trapped?.meant === 'boolean' ? types.includes('boolean') : types.includes('integer') || types.includes('number')
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
  const branches = (error.schema as Schema[]).flatMap((branch) => [branch['type'] as string | string[] | undefined].flat())
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

/** A template file → a template that renders, with what it needs known from reading it. */
import type { Template as Parsed } from 'liquidjs'
import type { TemplateFile } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import type { Json, JsonObject } from '../model.ts'
import { engineFor } from './engine.ts'
import { MEDIA, type MediaType } from './file.ts'
import { oneLine } from './encode/visible.ts'

export interface Template {
  readonly file: TemplateFile
  readonly media_type: MediaType
  /** One sentence: what the document is. */
  readonly summary: string
  /** Names in `data` that it cannot do without. */
  readonly required: readonly string[]
  /** Names in `data` that may be left out or be null. */
  readonly optional: readonly string[]
  /** Lists in `data` that must not be empty. */
  readonly filled: readonly string[]
  /** Paths that it reads, `customer.name`. */
  readonly paths: readonly string[]
  /**
   * Renders with `data`, and `document`, which every template may show.
   * @throws OnboardError (invalid) that names variable, template and line
   */
  render(data: JsonObject, document: DocumentFacts): Rendered
}

/** What a template may show of the document itself. */
export interface DocumentFacts {
  readonly name: string
  readonly version: number
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** `enterprise 1.0.0`. */
  readonly runbook: string
  /** `entry 18, 42de1ed4b663`: the journal's head when it was rendered. */
  readonly journal: string
}

export interface Rendered {
  readonly title: string
  readonly media_type: MediaType
  readonly text: string
}

/** What stands in `document` while it is only tried. */
export const TRIED: DocumentFacts = {
  name: 'document', version: 1, date: '1970-01-01', runbook: 'runbook', journal: 'entry 0',
}

const compiled = new Map<string, Template>()

/** @throws OnboardError (invalid) with the line where the template is not in its form */
export function compile(file: TemplateFile): Template {
  const known = compiled.get(`${file.path} ${file.digest}`)
  if (known) return known
  const template = compileAnew(file)
  compiled.set(`${file.path} ${file.digest}`, template)
  return template
}

function compileAnew(file: TemplateFile): Template {
  const { head, body, line } = parts(file)
  const media = MEDIA[file.path.replace(/^.*\./, '')] ?? 'text/plain'
  const engine = engineFor(media)
  const parse = (text: string, first: number): Parsed[] => placed(file, first, () => engine.parse(text))
  const title = placed(file, head.at, () => engineFor('text/plain').parse(head.title))
  const content = parse(body, line)
  const used = [...title, ...content]
  const read = engine.globalVariableSegmentsSync(used)
  const paths = [...new Set(read.map((one) => one.filter((segment) => typeof segment === 'string').join('.')))]
    .filter((path) => path !== 'document' && !path.startsWith('document.'))
    .toSorted()
  const roots = [...new Set(paths.map((path) => path.split('.')[0] ?? ''))]
  const { optional } = head
  const required = roots.filter((name) => !head.optional.includes(name))
  return {
    file, media_type: media, summary: head.summary, required, optional, filled: head.filled, paths,
    render(given, document) {
      const data = there(given) as JsonObject
      complete(file, data, required, optional, head.filled)
      const scope = { ...Object.fromEntries(optional.map((name) => [name, null])), ...data, document }
      const render = (template: Parsed[], first: number): string =>
        placed(file, first, () => String(engine.renderSync(template, scope)))
      // The title is one line of its own: encoded when it is shown, not here.
      const text = render(content, line).replaceAll(/\n{3,}/g, '\n\n').trim()
      const heading = placed(file, head.at, () => String(engineFor('text/plain').renderSync(title, scope)))
      return { title: oneLine(heading), media_type: media, text: `${text}\n` }
    },
  }
}

/** A text without anything in it is no value: what asks whether there is one is told so. */
function there(value: Json): Json {
  if (typeof value === 'string') return value.trim() === '' ? null : value
  if (Array.isArray(value)) return (value as readonly Json[]).map(there)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, there(inside)]))
}

/** All names that are missing, and those that nothing uses, at once. */
function complete(
  file: TemplateFile, data: JsonObject, required: readonly string[], optional: readonly string[],
  filled: readonly string[],
): void {
  const missing = required.filter((name) => data[name] === undefined || data[name] === null)
  const surplus = Object.keys(data).filter((name) => !required.includes(name) && !optional.includes(name))
  const empty = filled.filter((name) => Array.isArray(data[name]) && (data[name] as readonly Json[]).length === 0)
  const said = [
    ...(missing.length > 0 ? [`needs ${missing.join(', ')} in its data`] : []),
    ...(empty.length > 0 ? [`needs something in ${empty.join(', ')}`] : []),
    ...(surplus.length > 0 ? [`has no use for ${surplus.join(', ')}`] : []),
  ]
  if (said.length === 0) return
  const code = missing.length + empty.length > 0 ? 'missing-value' : 'unknown-value'
  throw new OnboardError('invalid', code, `${file.path} ${said.join(', and ')}`, {
    suggestions: [`onboard document template ${file.name}`],
  })
}

interface Head {
  readonly title: string
  /** Line of the title. */
  readonly at: number
  readonly summary: string
  readonly optional: readonly string[]
  readonly filled: readonly string[]
}

/** `---`, lines of `key: value`, `---`, and the body. */
function parts(file: TemplateFile): { readonly head: Head; readonly body: string; readonly line: number } {
  const lines = file.text.split('\n').map((line) => line.replace(/\r$/, ''))
  const end = lines.indexOf('---', 1)
  const wrong = (line: number, message: string): OnboardError =>
    new OnboardError('invalid', 'template-invalid', `${file.path}:${line}: ${message}`, {
      at: { file: file.path, line, col: 1 },
    })
  if (lines[0] !== '---' || end === -1) {
    throw wrong(1, 'a template begins with ---, lines of title:, summary:, optional: and filled:, and ---')
  }
  const found = new Map<string, { value: string; at: number }>()
  for (const [index, line] of lines.slice(1, end).entries()) {
    const [, key, value] = /^(title|summary|optional|filled): *(.+)$/.exec(line) ?? []
    if (key === undefined || value === undefined) {
      throw wrong(index + 2, `${JSON.stringify(line)} is not title:, summary:, optional: or filled: with a value`)
    }
    found.set(key, { value, at: index + 2 })
  }
  const title = found.get('title')
  if (title === undefined) throw wrong(1, 'the template has no title:')
  const names = (key: string): readonly string[] => found.get(key)?.value.split(/[,\s]+/) ?? []
  return {
    head: {
      title: title.value, at: title.at,
      summary: found.get('summary')?.value ?? '',
      optional: names('optional'),
      filled: names('filled'),
    },
    body: lines.slice(end + 1).join('\n'),
    line: end + 2,
  }
}

interface FromLiquid extends Error {
  readonly token?: { readonly getPosition?: () => readonly [number, number]; readonly getText?: () => string }
  readonly originalError?: Error
}

/** What liquidjs throws, said with the template's path and line, and with the variable. */
function placed<T>(file: TemplateFile, first: number, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    const error = thrown as FromLiquid
    const [row, col] = error.token?.getPosition?.() ?? [1, 1]
    const line = first + row - 1
    const written = oneLine(error.token?.getText?.() ?? '')
    const cause = error.originalError ?? error
    const plain = cause.message.replace(/, (?:file|line):.*$/s, '')
    const said = /^undefined variable: (.*)$/.exec(plain)?.[1]
    const known = cause instanceof OnboardError
    const code = known ? cause.code : said === undefined ? 'template-invalid' : 'missing-value'
    const message = said !== undefined ? `${said} has no value` : known ? `${inner(written)} ${plain}` : plain
    throw new OnboardError('invalid', code, `${file.path}:${line}: ${message}`, {
      at: { file: file.path, line, col }, cause: thrown,
    })
  }
}

/** `{{ customer.name | day }}` → `customer.name`. */
function inner(written: string): string {
  return /^\{\{-?\s*([^|}]*?)\s*(?:\||-?\}\})/.exec(written)?.[1] ?? written
}

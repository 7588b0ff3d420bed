/** A file of users, CSV or JSON → rows that fit, or everything that is wrong with it by line. */
import { type Diagnostic, OnboardError, type Position } from '../errors.ts'
import { parseCsv } from '../input/csv.ts'
import { parseOnly } from '../input/document.ts'
import { FORMATS } from '../input/formats.ts'
import { nearest } from '../input/nearest.ts'
import { decode, lines } from '../input/text.ts'
import { shown, unsafe } from '../input/unsafe.ts'
import type { Json } from '../model.ts'

/** One user as wanted; what the file does not say is left as it is. */
export interface UserRow {
  readonly line: number
  readonly email: string
  readonly full_name: string
  readonly role: string | null
  readonly active: boolean | null
}

/** Roles of the product, highest first. */
export const USER_ROLES = ['admin', 'manager', 'member', 'viewer'] as const
const MOST_BYTES = 32 * 1024 * 1024
const MOST_ROWS = 100_000
const MOST_SHOWN = 100
const FIELDS = ['email', 'full_name', 'role', 'active'] as const
type Field = (typeof FIELDS)[number]

/** Names that spreadsheets and directories give these columns. */
const ALSO: Readonly<Record<string, Field>> = {
  mail: 'email', 'e-mail': 'email', 'email address': 'email',
  username: 'email', user_name: 'email', userprincipalname: 'email',
  name: 'full_name', 'full name': 'full_name',
  displayname: 'full_name', 'display name': 'full_name', display_name: 'full_name',
}
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true, yes: true, '1': true, false: false, no: false, '0': false,
}

interface Raw {
  readonly at: Position
  readonly values: ReadonlyMap<Field, Json>
}

/**
 * All rows of the file, each address once. `.json` is a list of objects, or an object with such a list as `users`; any
 * other file has a line of column names, and a line for each user.
 * @throws OnboardError (invalid) with every mistake at its line
 */
export function usersIn(file: string, bytes: Uint8Array): readonly UserRow[] {
  const wrong: Diagnostic[] = []
  const raws = file.toLowerCase().endsWith('.json') ? fromJson(file, bytes, wrong) : fromCsv(file, bytes, wrong)
  if (raws.length > MOST_ROWS) {
    const message = `${file} has ${raws.length} users; at most ${MOST_ROWS} are taken at once: split it`
    throw new OnboardError('invalid', 'too-many-users', message)
  }
  const first = new Map<string, number>()
  const rows = raws.flatMap((raw) => {
    const made = rowOf(raw, wrong)
    for (const { email, line } of made) {
      const before = first.get(email.toLowerCase())
      if (before === undefined) first.set(email.toLowerCase(), line)
      else wrong.push(said(raw.at, 'twice', `${shown(email)} is in line ${before} already`, 'email'))
    }
    return made
  })
  if (wrong.length === 0 && rows.length === 0) {
    throw new OnboardError('invalid', 'no-users', `${file} has no users in it`)
  }
  if (wrong.length > 0) throw refused(file, wrong)
  return rows
}

function refused(file: string, wrong: readonly Diagnostic[]): OnboardError {
  const diagnostics = wrong.toSorted((a, b) => a.line - b.line || a.col - b.col)
  const more = wrong.length > MOST_SHOWN ? `; the first ${MOST_SHOWN} are shown` : ''
  return new OnboardError(
    'invalid', 'users-invalid',
    `${file} has ${wrong.length} mistake${wrong.length === 1 ? '' : 's'}${more}; nobody was imported`,
    { diagnostics: diagnostics.slice(0, MOST_SHOWN), file },
  )
}

const said = (at: Position, rule: string, message: string, field?: string): Diagnostic => (
  { ...at, rule, message, severity: 'error', ...(field === undefined ? {} : { field }) }
)

function fromCsv(file: string, bytes: Uint8Array, wrong: Diagnostic[]): readonly Raw[] {
  const decoded = decode(bytes, MOST_BYTES)
  if ('finding' in decoded) {
    wrong.push(said({ file, line: 1, col: 1 }, decoded.finding.rule, decoded.finding.message))
    return []
  }
  const { rows, findings } = parseCsv(decoded.text)
  const placed = lines(decoded.text)
  for (const { offset, rule, message } of findings) wrong.push(said({ file, ...placed(offset) }, rule, message))
  const [header, ...rest] = rows
  if (header === undefined) return []
  const columns = header.cells.map((name) => columnOf(name, { file, line: header.line, col: 1 }, wrong))
  for (const field of ['email', 'full_name'] as const) {
    if (columns.includes(field)) continue
    const message = `there is no column ${field}; the first line has ${header.cells.join(', ')}`
    wrong.push(said({ file, line: header.line, col: 1 }, 'missing', message, field))
  }
  if (wrong.length > 0) return []
  return rest.map(({ line, cells }) => {
    const at = { file, line, col: 1 }
    if (cells.length > columns.length) {
      wrong.push(said(at, 'cells', `the line has ${cells.length} cells, the first line names ${columns.length}`))
    }
    return {
      at,
      values: new Map(columns.flatMap((name, n) => (name === null ? [] : [[name, cells[n] ?? ''] as const]))),
    }
  })
}

function fromJson(file: string, bytes: Uint8Array, wrong: Diagnostic[]): readonly Raw[] {
  const { value, diagnostics, locate } = parseOnly(bytes, { file, maxBytes: MOST_BYTES })
  wrong.push(...diagnostics)
  if (value === undefined || wrong.length > 0) return []
  const isWrapped = value !== null && typeof value === 'object' && !Array.isArray(value)
  const list = isWrapped ? (value as { readonly users?: Json }).users : value
  const path = isWrapped ? ['users'] : []
  if (!Array.isArray(list)) {
    wrong.push(said(locate([]), 'type', 'the file is neither a list of users nor an object with a list users'))
    return []
  }
  return list.flatMap((one: Json, n): Raw[] => {
    const at = locate([...path, n])
    if (one === null || typeof one !== 'object' || Array.isArray(one)) {
      const example = '{ "email": "ada@acme.example", "full_name": "Ada Lovelace" }'
      wrong.push(said(at, 'type', `a user is an object such as ${example}`))
      return []
    }
    const values = new Map(
      Object.entries(one).flatMap(([name, inner]) => {
        const field = columnOf(name, locate([...path, n, name]), wrong)
        return field === null ? [] : [[field, inner as Json] as const]
      }),
    )
    return [{ at, values }]
  })
}

/** The field that a column is; null where it is none, which is said. */
function columnOf(name: string, at: Position, wrong: Diagnostic[]): Field | null {
  const plain = name.trim().toLowerCase()
  const field = FIELDS.find((one) => one === plain) ?? (Object.hasOwn(ALSO, plain) ? ALSO[plain] : undefined)
  if (field !== undefined) return field
  const meant = nearest(plain, FIELDS)
  const hint = meant === undefined ? `there are ${FIELDS.join(', ')}` : `did you mean ${meant}?`
  wrong.push(said(at, 'unknown-column', `there is no column ${shown(name)}; ${hint}`))
  return null
}

function rowOf({ at, values }: Raw, wrong: Diagnostic[]): readonly UserRow[] {
  const before = wrong.length
  const text = (field: Field, most: number): string => {
    const value = values.get(field)
    if (value !== undefined && value !== null && typeof value !== 'string') {
      wrong.push(said(at, 'type', `${field} is ${shown(value)}, not a text`, field))
    }
    const given = typeof value === 'string' ? value.trim() : ''
    const [hidden] = unsafe(given)
    if (hidden !== undefined) {
      wrong.push(said(at, 'character', `${field} has the character ${hidden.name} in it`, field))
    }
    if (/[\n\r\t]/.test(given)) wrong.push(said(at, 'line', `${field} must stand on one line`, field))
    if (given.length > most) wrong.push(said(at, 'length', `${field} is longer than ${most} characters`, field))
    return given
  }
  const email = text('email', 254)
  const full_name = text('full_name', 200)
  const role = text('role', 50).toLowerCase()
  if (full_name === '') wrong.push(said(at, 'missing', 'full_name is missing', 'full_name'))
  const bad = email === '' ? 'is missing' : FORMATS['email']?.(email)
  if (bad !== undefined) {
    const [rule, given] = email === '' ? ['missing', ''] as const : ['format', `${shown(email)} `] as const
    wrong.push(said(at, rule, `email ${given}${bad}`, 'email'))
  }
  if (role !== '' && !(USER_ROLES as readonly string[]).includes(role)) {
    const meant = nearest(role, USER_ROLES)
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    wrong.push(said(at, 'role', `role ${shown(role)} is none of ${USER_ROLES.join(', ')}${hint}`, 'role'))
  }
  const active = activeOf(values.get('active'))
  if (active === undefined) {
    wrong.push(said(at, 'active', `active is ${shown(values.get('active') ?? null)}, not true or false`, 'active'))
  }
  if (wrong.length > before) return []
  return [{ line: at.line, email, full_name, role: role === '' ? null : role, active: active ?? null }]
}

/** null: not said; undefined: neither yes nor no. */
function activeOf(value: Json | undefined): boolean | null | undefined {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'boolean') return value
  return typeof value === 'string' ? BOOLEANS[value.trim().toLowerCase()] : undefined
}

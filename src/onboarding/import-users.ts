/** Users of a tenant from a file, for customers whose directory does not sync: planned, then written in batches. */
import { createHash, randomUUID } from 'node:crypto'
import type { Reader, Writer } from '../contract.ts'
import type { Head, Work } from '../engine/ports.ts'
import { type Diagnostic, OnboardError } from '../errors.ts'
import { tenantOf } from './diagnose.ts'
import type { UserRow } from './user-file.ts'

/** So many users are written in a transaction; a run that is killed has imported whole batches. */
const BATCH = 200

export interface Imported {
  readonly onboarding: string
  readonly tenant: string
  readonly outcome: 'imported' | 'unchanged' | 'planned'
  /** Users of the file. */
  readonly rows: number
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  /** Users of the file whom the customer's directory describes: it says who they are, and the file does not. */
  readonly left_to_directory: number
  /** Users of the file who are in the product as it says, by a look at the end; null: nothing was written. */
  readonly found: number | null
  /** Users of the tenant who are not in the file; null: the product cannot list them. They are left as they are. */
  readonly others: number | null
  readonly head: Head | null
}

type Fields = Record<string, string | boolean>
type Todo = {
  readonly row: UserRow
  readonly fields: Fields
  readonly key: string | null
  readonly exact: Readonly<Record<string, string | null>>
}

interface Given {
  readonly file: string
  readonly bytes: Uint8Array
  readonly rows: readonly UserRow[]
  readonly dryRun: boolean
  /** Told after each batch: how many of how many. */
  readonly told?: (done: number, all: number) => void
}

/**
 * Brings the users of a file into the tenant. What is there already as the file says is left alone; nobody is removed,
 * no administrator loses that role or is switched off, and whom a directory describes is its own.
 * @throws OnboardError (invalid) with the lines at fault, before anybody is written; (waiting) without a tenant
 */
export async function importUsers(work: Work, given: Given): Promise<Imported> {
  const { key } = work.onboarding
  const slug = tenantOf(work)
  const { todo, counts, others } = await work.reading(async (reading) => planned(reading(key), slug, given))
  const result = { onboarding: key, tenant: slug, rows: given.rows.length, ...counts, others, found: null, head: null }
  if (given.dryRun) return { ...result, outcome: 'planned' }
  if (todo.length === 0) return { ...result, outcome: 'unchanged', found: counts.unchanged }
  const head = await written(work, slug, todo, given)
  const found = await work.reading(async (reading) => {
    const again = await planned(reading(key), slug, given)
    return again.counts.unchanged
  })
  return { ...result, outcome: 'imported', found, head }
}

async function planned(read: Reader, slug: string, { rows, file }: Given) {
  const { users } = read.product
  users.needs(['email', 'full_name', 'tenant'], 'an import of users')
  if (rows.some((one) => one.role !== null)) users.needs(['role'], 'roles in the file')
  if (rows.some((one) => one.active !== null)) users.needs(['active'], 'the column active')
  const tenant = await tenantKey(read, slug)
  const described = await fromDirectory(read, tenant)
  const todo: Todo[] = []
  const wrong: Diagnostic[] = []
  let left = 0
  for (const row of rows) {
    if (described.has(row.email.toLowerCase())) {
      left++
      continue
    }
    const one = await todoFor(read, tenant, row)
    if (one === null) continue
    if (one.isTaken) {
      const message = `${row.email} is an administrator: an import neither takes that away nor switches one off`
      wrong.push({ file, line: row.line, col: 1, rule: 'administrator', severity: 'error', message })
    }
    todo.push(one.todo)
  }
  if (wrong.length > 0) {
    throw new OnboardError(
      'invalid', 'users-invalid', `${file} cannot be imported as it is; nobody was imported`,
      { diagnostics: wrong.slice(0, 100), file },
    )
  }
  const created = todo.filter((one) => one.key === null).length
  const counts = {
    created,
    changed: todo.length - created,
    unchanged: rows.length - todo.length - left,
    left_to_directory: left,
  }
  return { todo, counts, others: await notIn(read, tenant, rows) }
}

/** What is other than a row of the file says; null: nothing. `isTaken`: an administrator would be one no more. */
async function todoFor(read: Reader, tenant: string, row: UserRow): Promise<{ todo: Todo; isTaken: boolean } | null> {
  const { users } = read.product
  const fields = fieldsOf(row)
  const also = users.has('role') && row.role === null ? ['role'] : []
  const found = await users.find(read, { email: row.email, tenant }, { want: fields, also })
  if (found === null) return { todo: { row, fields, key: null, exact: {} }, isTaken: false }
  const differing = Object.keys(fields).filter((name) => found.cells[name]?.same === false)
  if (differing.length === 0) return null
  const loses = differing.includes('role') || fields['active'] === false
  const todo = {
    row,
    key: found.key,
    fields: Object.fromEntries(differing.map((name) => [name, fields[name] as string | boolean])),
    exact: Object.fromEntries(differing.map((name) => [name, found.cells[name]?.exact ?? null])),
  }
  return { todo, isTaken: found.cells['role']?.value === 'admin' && loses }
}

async function written(work: Work, slug: string, todo: readonly Todo[], { bytes, told }: Given): Promise<Head | null> {
  const run = randomUUID()
  const session = await work.session(run)
  const digest = createHash('sha256').update(bytes).digest('hex')
  let head: Head | null = null
  try {
    for (let from = 0; from < todo.length; from += BATCH) {
      const batch = todo.slice(from, from + BATCH)
      await session.begin(null)
      try {
        const writer = session.writer(work.onboarding.key, () => undefined)
        const tenant = await tenantKey(session.reader(work.onboarding.key), slug)
        await session.write(async () => {
          for (const one of batch) await write(writer, tenant, one)
        })
        head = await session.commit({
          kind: 'imported',
          key: null,
          run,
          detail: {},
          facts: {
            file: digest,
            created: batch.filter((one) => one.key === null).length,
            changed: batch.filter((one) => one.key !== null).length,
            done: from + batch.length,
            of: todo.length,
          },
        })
      } catch (error) {
        await session.rollback()
        throw error
      }
      told?.(from + batch.length, todo.length)
    }
  } finally {
    await session.close()
  }
  return head
}

async function write(write: Writer, tenant: string, { row, fields, key, exact }: Todo): Promise<void> {
  const { users } = write.product
  if (key === null)
    return users.create(write, {
      email: row.email,
      tenant,
      ...(users.has('role') ? { role: 'member' } : {}),
      ...fields,
    })
  await users.update(
    write,
    key,
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, { from: exact[name] ?? null, to: { value } }]),
    ),
  )
}

function fieldsOf({ full_name, role, active }: UserRow): Fields {
  return { full_name, ...(role === null ? {} : { role }), ...(active === null ? {} : { active }) }
}

async function tenantKey(read: Reader, slug: string): Promise<string> {
  const tenant = await read.product.tenants.find(read, { slug }, {})
  if (tenant !== null) return tenant.key
  throw new OnboardError('waiting', 'no-tenant', `the product has no tenant ${slug} yet`, {
    suggestions: [`onboard provision ${read.onboarding.key}`],
  })
}

/** Addresses and names of those whom a directory describes; in a mapped product there are none that we could see. */
async function fromDirectory(read: Reader, tenant: string): Promise<ReadonlySet<string>> {
  const { schema } = read.product
  if (schema === null) return new Set()
  const rows = await read.many<{ email: string; name: string | null }>(
    `SELECT lower(email) AS email, lower(user_name) AS name FROM ${quoted(schema)}.users
      WHERE tenant_id::text = $1 AND document IS NOT NULL`,
    [tenant],
  )
  return new Set(rows.flatMap(({ email, name }) => (name === null ? [email] : [email, name])))
}

/** How many users of the tenant the file does not name. */
async function notIn(read: Reader, tenant: string, rows: readonly UserRow[]): Promise<number | null> {
  const { schema } = read.product
  if (schema === null) return null
  const row = await read.one<{ others: number }>(
    `SELECT count(*)::int AS others FROM ${quoted(schema)}.users
      WHERE tenant_id::text = $1 AND lower(email) <> ALL ($2::text[])`,
    [tenant, rows.map(({ email }) => email.toLowerCase())],
  )
  return row?.others ?? null
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

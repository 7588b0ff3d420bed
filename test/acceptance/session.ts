/**
 * A session: commands as typed, with what they print and how they end; one text file that is run and compared.
 *
 *     # a remark
 *     % clock 2026-11-20T09:00:00Z          what the case needs; before the first command
 *     $ onboard status acme
 *       a line of stdout
 *     ! a line of stderr
 *     = 2                                   exit code, where it is not 0
 *
 * Besides `onboard`: `sql STATEMENTS` as the tables' owner, and `cat`, `ls`, `ln`, `cp`, `edit FILE OLD NEW` on the case's files.
 */
import { lstatSync, copyFileSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageRoot } from '../../src/package.ts'
import type { Database } from '../../src/database/open.ts'
import { onboard, type Ended } from './process.ts'

interface Stage {
  /** The case's folder of this run. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly database: Database
}

/** What a session asks for before its first command. */
export function needs(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line.startsWith('% '))
  return new Map(lines.map((line) => {
    const [, name = '', value = ''] = /^% (\S+) ?(.*)$/.exec(line) ?? []
    return [name, value]
  }))
}

/** Runs a session and gives its text as it should be: remarks and commands as they are, results as they were. */
export async function rerun(text: string, stage: Stage): Promise<string> {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    if (/^[#%] /.test(line)) lines.push(...(line.startsWith('#') ? ['', line] : [line]))
    if (!line.startsWith('$ ')) continue
    if (!lines.at(-1)?.startsWith('#')) lines.push('')
    lines.push(line)
    const { exit, stdout, stderr } = await perform(line.slice(2), stage).catch(failed)
    lines.push(...shown('  ', stdout, stage), ...shown('! ', stderr, stage), ...(exit === 0 ? [] : [`= ${exit}`]))
  }
  return `${lines.join('\n').trim()}\n`
}

function shown(mark: string, text: string, { cwd }: Stage): string[] {
  if (text === '') return []
  return steady(text.replaceAll(cwd, 'FOLDER').replaceAll(relative(cwd, packageRoot), 'PACKAGE')).replace(/\n$/, '').split('\n').map((line) => (mark + line).trimEnd())
}

/** What differs between two runs of the same story. */
function steady(text: string): string {
  return text
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b(?=\d*[a-f])(?:[0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{12})\b/g, 'DIGEST')
    .replace(/(head |journal \d+ · |bound to |\()(?:\d{12}|\d{16})\b/g, '$1DIGEST')
    .replace(/\brun [0-9a-f]{8}\b/g, 'run RUN')
    .replace(/(?:embedded:|server:[^ "]*\/)test_\w+/g, 'DATABASE')
    .replace(/\bv\d+\.\d+\.\d+ on \S+/g, 'NODE')
    .replace(/(PostgreSQL )\d+(?:\.\d+)?/g, '$1VERSION')
    .replace(/(token=)[\w-]{20,}/g, '$1TOKEN')
}

async function perform(command: string, stage: Stage): Promise<Ended> {
  const [program = '', ...rest] = words(command)
  const here = (name = '.') => join(stage.cwd, name)
  switch (program) {
    case 'onboard': {
      const from = rest.indexOf('<')
      if (from === -1) return onboard(rest, stage)
      const stdin = readFileSync(here(rest[from + 1]))
      return onboard(rest.toSpliced(from, 2), { ...stage, stdin })
    }
    case 'sql':
      return said(await asOwner(stage.database, rest.join(' ')))
    case 'cat':
      return said(readFileSync(here(rest[0]), 'utf8'))
    case 'ls':
      return said(readdirSync(here(rest[0])).filter((name) => !name.startsWith('.')).sort().map((name) => {
        const about = lstatSync(here(join(rest[0] ?? '.', name)))
        return `${about.isFile() ? (about.mode & 0o777).toString(8) : about.isDirectory() ? 'dir' : 'lnk'} ${name}\n`
      }).join(''))
    case 'ln':
      symlinkSync(rest[0] ?? '', here(rest[1]))
      return said('')
    case 'cp':
      copyFileSync(here(rest[0]), here(rest[1]))
      return said('')
    case 'edit': {
      const [file = '', before = '', after = ''] = rest
      const text = readFileSync(here(file), 'utf8')
      if (!text.includes(before)) throw new Error(`${file} has no ${JSON.stringify(before)} in it`)
      writeFileSync(here(file), text.replace(before, () => after.replaceAll('\\n', '\n')))
      return said('')
    }
    default:
      throw new Error(`a session has no command ${program}`)
  }
}

/** A session goes on: what was not as thought is seen in its text. */
const failed = (error: NodeJS.ErrnoException): Ended => ({ exit: 1, stdout: '', stderr: `${error.code ?? ''} ${error.code === 'ENOENT' ? 'no such file' : error.message}\n` })
const said = (stdout: string): Ended => ({ exit: 0, stdout, stderr: '' })

/** Rows as `a | b`, one a line; null is empty. */
async function asOwner(database: Database, statement: string): Promise<string> {
  const owner = await database.connect('owner')
  try {
    const { rows } = await owner.query<unknown[]>({ text: statement, rowMode: 'array' })
    return (rows ?? []).map((row) => row.map(text).join(' | ').trimEnd() + '\n').join('')
  } finally {
    await owner.end()
  }
}

const text = (value: unknown): string => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Words as a shell would see them: blanks part, quotes hold together; \" stands for itself between double quotes. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]+|'[^']*'|"(?:[^"\\]|\\.)*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, (_, single?: string, double?: string) => single ?? (double ?? '').replaceAll('\\"', '"')))
}

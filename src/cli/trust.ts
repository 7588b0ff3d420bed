/** Which workspaces this user trusts: those whose content has the digest that was recorded. */
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { OnboardError } from '../errors.ts'
import { readFileOnce } from './source.ts'
import { CONFIG_FILE } from './workspace.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Folders of a workspace whose content decides what onboard does there. */
const FOLDERS = ['actions', 'runbooks', 'schemas', 'templates'] as const
const MOST_FILES = 5000

export interface WorkspaceContent {
  /** sha256 (hex) over names and contents. */
  readonly digest: string
  /** Paths from the workspace on, with forward slashes. */
  readonly files: readonly string[]
  /** Digest of its actions, as an onboarding pins them; null where it brings none. */
  readonly code: string | null
}

/** All that a workspace brings: its config, actions, runbooks, schemas and templates. Links are not followed. */
export async function workspaceContent(dir: string): Promise<WorkspaceContent> {
  const files = [CONFIG_FILE]
  for (const folder of FOLDERS) files.push(...(await filesUnder(dir, folder)))
  if (files.length > MOST_FILES) {
    const message = `${dir} holds more than ${MOST_FILES} files: is it a workspace?`
    throw new OnboardError('invalid', 'too-many-files', message)
  }
  const read = new Map<string, Uint8Array>()
  for (const path of files.sort()) read.set(path, await readFileOnce(join(dir, path), path))
  const code = codeOf(read)
  return { digest: contentDigest(read), files, code: code.size === 0 ? null : contentDigest(code) }
}

/** Of files by path those that are code: what an onboarding pins of a workspace's `actions/`. */
export function codeOf(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  return new Map([...files].filter(([path]) => path.startsWith('actions/') && !path.startsWith('actions/.')))
}

/** sha256 (hex) over names and contents. */
export function contentDigest(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256')
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${createHash('sha256').update(bytes).digest('hex')} ${path}\n`)
  }
  return hash.digest('hex')
}

/** Regular files in a folder of the workspace that is no link itself. */
async function filesUnder(dir: string, folder: string): Promise<string[]> {
  const about = await lstat(join(dir, folder)).catch(() => undefined)
  if (about?.isDirectory() !== true) return []
  const entries = await readdir(join(dir, folder), { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return paths.map((path) => relative(dir, path).split(sep).join('/'))
}

/** The digest that was recorded for a folder; null where none was. */
export async function trustedDigest(dir: string, env: Env): Promise<string | null> {
  const text = await readFile(await recordOf(dir, env), 'utf8').catch(() => undefined)
  if (text === undefined) return null
  try {
    const { digest } = JSON.parse(text) as { digest?: unknown }
    return typeof digest === 'string' ? digest : null
  } catch {
    return null // half a record is none
  }
}

/** Records that this user trusts a folder with that content, and its actions wherever they are pinned from then on. */
export async function recordTrust(dir: string, { digest, code }: WorkspaceContent, env: Env): Promise<void> {
  await record(await recordOf(dir, env), { dir: await realpath(dir), digest })
  if (code !== null) await recordCode(code, env)
}

/** Records that this user trusts actions with this digest, whatever onboarding has pinned them. */
export async function recordCode(code: string, env: Env): Promise<void> {
  await record(codeFile(code, env), { code })
}

/** Whether this user has trusted actions with this digest. */
export async function codeTrusted(code: string, env: Env): Promise<boolean> {
  return (await lstat(codeFile(code, env)).catch(() => undefined))?.isFile() ?? false
}

/** Takes it back; false where there was nothing to take back. */
export async function removeCode(code: string, env: Env): Promise<boolean> {
  const there = await codeTrusted(code, env)
  await rm(codeFile(code, env), { force: true })
  return there
}

async function record(file: string, value: object): Promise<void> {
  const temporary = `${file}.${process.pid}`
  await mkdir(resolve(file, '..'), { recursive: true, mode: 0o700 })
  await writeFile(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600, flag: 'wx' })
  await rename(temporary, file)
}

function codeFile(code: string, env: Env): string {
  return join(trustFolder(env), `code-${code}.json`)
}

/** Takes it back; false where there was nothing to take back. */
export async function removeTrust(dir: string, { code }: WorkspaceContent, env: Env): Promise<boolean> {
  const file = await recordOf(dir, env)
  const there = (await trustedDigest(dir, env)) !== null
  await rm(file, { force: true })
  if (code !== null) await removeCode(code, env)
  return there
}

/**
 * Why a workspace may not act, as the end of a sentence; null where it may.
 * @param given the digests of `--trust` or ONBOARD_TRUST: they count for this command, whatever is recorded
 */
export async function distrust(dir: string | null, given: string | undefined, env: Env): Promise<string | null> {
  if (dir === null) return 'there is no workspace here, and only a trusted one may act'
  const { digest } = await workspaceContent(dir)
  if (given !== undefined) {
    return digestsGiven(given).includes(digest) ? null : `the workspace has the digest ${digest}, not the one given`
  }
  const recorded = await trustedDigest(dir, env)
  if (recorded === digest) return null
  return recorded === null ? 'this workspace is not trusted yet' : 'this workspace has changed since it was trusted'
}

/**
 * Why the actions of a workspace may not be loaded, as the end of a sentence; null where they may. Who writes a runbook
 * changes the workspace all the time: as long as its actions are those that were trusted here, they are known.
 */
export async function distrustActions(dir: string | null, given: string | undefined, env: Env): Promise<string | null> {
  const why = await distrust(dir, given, env)
  if (why === null || dir === null || given !== undefined || (await trustedDigest(dir, env)) === null) return why
  const { code } = await workspaceContent(dir)
  return code !== null && (await codeTrusted(code, env)) ? null : why
}

/**
 * Why actions that an onboarding has pinned may not run, as the end of a sentence; null where they may: this user has
 * trusted them, or the command was given their digest.
 */
export async function distrustCode(code: string, given: string | undefined, env: Env): Promise<string | null> {
  if (given !== undefined && digestsGiven(given).includes(code)) return null
  if (await codeTrusted(code, env)) return null
  return `this user has not trusted them (digest ${code})`
}

/** One file for each workspace, in this user's data folder. */
async function recordOf(dir: string, env: Env): Promise<string> {
  return join(trustFolder(env), `${createHash('sha256').update(await realpath(dir)).digest('hex')}.json`)
}

function trustFolder(env: Env): string {
  const data = env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share')
  return join(resolve(env['ONBOARD_HOME'] || join(data, 'onboard')), 'trusted')
}

function digestsGiven(given: string): readonly string[] {
  return given.split(',').map((one) => one.trim())
}

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
}

/** All that a workspace brings: its config, actions, runbooks, schemas and templates. Links are not followed. */
export async function workspaceContent(dir: string): Promise<WorkspaceContent> {
  const files = [CONFIG_FILE]
  for (const folder of FOLDERS) files.push(...(await filesUnder(dir, folder)))
  if (files.length > MOST_FILES) throw new OnboardError('invalid', 'too-many-files', `${dir} holds more than ${MOST_FILES} files: is it a workspace?`)
  const hash = createHash('sha256')
  for (const path of files.sort()) {
    const content = createHash('sha256').update(await readFileOnce(join(dir, path), path)).digest('hex')
    hash.update(`${content} ${path}\n`)
  }
  return { digest: hash.digest('hex'), files }
}

/** Regular files in a folder of the workspace that is no link itself. */
async function filesUnder(dir: string, folder: string): Promise<string[]> {
  const about = await lstat(join(dir, folder)).catch(() => undefined)
  if (about?.isDirectory() !== true) return []
  const entries = await readdir(join(dir, folder), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
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

/** Records that this user trusts a folder with that content. */
export async function recordTrust(dir: string, digest: string, env: Env): Promise<void> {
  const file = await recordOf(dir, env)
  const temporary = `${file}.${process.pid}`
  await mkdir(resolve(file, '..'), { recursive: true, mode: 0o700 })
  await writeFile(temporary, `${JSON.stringify({ dir: await realpath(dir), digest })}\n`, { mode: 0o600, flag: 'wx' })
  await rename(temporary, file)
}

/** Takes it back; false where there was nothing to take back. */
export async function removeTrust(dir: string, env: Env): Promise<boolean> {
  const file = await recordOf(dir, env)
  const there = (await trustedDigest(dir, env)) !== null
  await rm(file, { force: true })
  return there
}

/**
 * Why a workspace may not act, as the end of a sentence; null where it may.
 * @param given the digest of `--trust` or ONBOARD_TRUST: it counts for this command, whatever is recorded
 */
export async function distrust(dir: string | null, given: string | undefined, env: Env): Promise<string | null> {
  if (dir === null) return 'there is no workspace here, and only a trusted one may act'
  const { digest } = await workspaceContent(dir)
  if (given !== undefined) return given === digest ? null : `the workspace has the digest ${digest}, not the one given`
  const recorded = await trustedDigest(dir, env)
  if (recorded === digest) return null
  return recorded === null ? 'this workspace is not trusted yet' : 'this workspace has changed since it was trusted'
}

/** One file for each workspace, in this user's data folder. */
async function recordOf(dir: string, env: Env): Promise<string> {
  const data = env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share')
  const base = resolve(env['ONBOARD_HOME'] || join(data, 'onboard'))
  return join(base, 'trusted', `${createHash('sha256').update(await realpath(dir)).digest('hex')}.json`)
}

import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readFileOnce } from './source.ts'

const MOST_BYTES = 256 * 1024

/** The templates of a workspace, by path; links are not followed. */
export async function workspaceTemplates(workspace: string | null): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  if (workspace === null) return files
  const folder = join(workspace, 'templates')
  if ((await lstat(folder).catch(() => undefined))?.isDirectory() !== true) return files
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = `templates/${entry.name}`
    if (!entry.isFile() || entry.name.startsWith('.')) continue
    files.set(path, await readFileOnce(join(folder, entry.name), path, MOST_BYTES))
  }
  return files
}

/** Where this package lies on disk. Imports nothing of ours. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

function rootOf(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const above = dirname(folder)
  if (above === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`)
  return rootOf(above)
}

/**
 * The folder with package.json, schemas/, runbooks/ and templates/, as an absolute path.
 * The one locator: the depth below it differs between a clone (src/) and a packed install (dist/src/).
 */
export const packageRoot: string = rootOf(dirname(fileURLToPath(import.meta.url)))

/** A clone runs its .ts files; a packed install has none and runs dist/. */
export const fromSource: boolean = import.meta.url.endsWith('.ts')

/** A module of src/, as a file: for what is found by its name. Where other code lies in dist/ the bundler says. */
export function moduleFile(name: string): string {
  return fromSource ? join(packageRoot, 'src', `${name}.ts`) : join(packageRoot, 'dist', 'src', `${name}.js`)
}

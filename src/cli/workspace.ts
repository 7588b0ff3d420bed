import { access, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { OnboardError } from '../errors.ts'
import type { Config } from '../onboarding/config.ts'
import { DEFAULTS } from '../onboarding/defaults.ts'
import { keptConfig } from './config-cache.ts'
import { readFileOnce } from './source.ts'

export const CONFIG_FILE = 'onboard.config.yaml'

/** The folder that a vendor keeps for its own config, runbooks, schemas and templates. */
export interface Workspace {
  /** Absolute; null where there is no onboard.config.yaml. */
  readonly dir: string | null
  readonly configFile: string | null
  /** The built-in defaults where there is no file. */
  readonly config: Config
  readonly configBytes: Uint8Array | null
}

/**
 * The workspace that `start` lies in: the nearest folder upwards with an onboard.config.yaml.
 * @param cwd what names in diagnostics are relative to
 * @throws OnboardError where `start` is no folder, or the config cannot be read or is invalid.
 */
export async function findWorkspace(start: string, cwd = start): Promise<Workspace> {
  const folder = await stat(start).catch(() => undefined)
  if (!folder?.isDirectory()) {
    throw new OnboardError('usage', 'no-such-folder', `${start} is no folder`, {
      suggestions: [`onboard init ${start}`],
    })
  }
  const configFile = await nearestConfig(start)
  if (configFile === null) return { dir: null, configFile: null, config: DEFAULTS, configBytes: null }
  // YAML and JSON Schema are loaded only where there is something to read.
  const configBytes = await readFileOnce(configFile)
  const config = await keptConfig(
    configBytes,
    async () => (await import('../onboarding/config.ts')).loadConfig(configBytes, relative(cwd, configFile)),
  )
  return { dir: dirname(configFile), configFile, config, configBytes }
}

async function nearestConfig(folder: string): Promise<string | null> {
  const file = join(folder, CONFIG_FILE)
  const there = await access(file).then(() => true, () => false)
  if (there) return file
  const above = dirname(folder)
  return above === folder ? null : nearestConfig(above)
}

import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../package.ts'
import type { Config } from '../onboarding/config.ts'

/**
 * The config that the bytes hold, kept from an earlier command where it was the same bytes and the same version of
 * onboard: reading YAML against its schema takes longer than the rest of `status`. Only what was valid is kept, in the
 * cache folder of this user; whatever goes wrong there costs time and nothing else.
 */
export async function keptConfig(bytes: Uint8Array, read: () => Promise<Config>): Promise<Config> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'onboard', 'config')
  const file = join(folder, `${await keyOf(bytes)}.json`)
  const kept = await readFile(file, 'utf8').then((text) => JSON.parse(text) as Config).catch(() => undefined)
  if (kept !== undefined) return kept
  const config = await read()
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(temporary, JSON.stringify(config), { mode: 0o600, flag: 'wx' })
    await rename(temporary, file)
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
  return config
}

/** The schema and the version stand for what reading means. */
async function keyOf(bytes: Uint8Array): Promise<string> {
  const [schema, version] = await Promise.all([
    readFile(join(packageRoot, 'schemas', 'config.schema.json')), readFile(join(packageRoot, 'package.json')),
  ])
  return createHash('sha256').update(schema).update('\n').update(version).update('\n').update(bytes).digest('hex')
}

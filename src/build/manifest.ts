/** Writes oclif.manifest.json for the package, from what `npm run build` has left in dist/. Run by `npm pack`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Config } from '@oclif/core/config'
import type { Interfaces } from '@oclif/core'
import { settings } from '@oclif/core/settings'

/** @param root folder of the package, with its dist/ */
export async function writeManifest(root: string): Promise<void> {
  settings.enableAutoTranspile = false
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Interfaces.PJSON
  const config = await Config.load({ root, pjson, isRoot: true, ignoreManifest: true })
  const [plugin] = config.getPluginsList()
  if (!plugin || config.commands.length === 0) throw new Error('dist/ has no commands: npm run build')
  writeFileSync(join(root, 'oclif.manifest.json'), JSON.stringify((plugin as unknown as { manifest: object }).manifest))
}

if (import.meta.main) await writeManifest(join(import.meta.dirname, '../..'))

import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../src/package.ts'
import type { Place } from './place.ts'

const exec = promisify(execFile)

/** The package as its users have it. */
export interface Install {
  /** `bin/run.js` of the installed package. */
  readonly bin: string
  /** A program with one empty oclif command, `empty`, without a manifest, on the same @oclif/core. */
  readonly empty: string
}

const SOURCES = [
  'bin', 'build', 'commands', 'runbooks', 'schemas', 'src', 'templates',
  'package.json', 'tsconfig.json', 'tsconfig.types.json', 'README.md', 'LICENSE',
]

let made: Promise<Install> | undefined

/** Packs the sources and installs the package in the place's folder; once, whoever asks. */
export function install(place: Place): Promise<Install> {
  return (made ??= make(place))
}

async function make(place: Place): Promise<Install> {
  // A copy, so that a bench leaves no dist/ and no manifest in the working tree.
  const copy = path.join(place.folder, 'sources')
  fs.mkdirSync(copy)
  for (const name of SOURCES) {
    const source = path.join(packageRoot, name)
    if (fs.existsSync(source)) fs.cpSync(source, path.join(copy, name), { recursive: true })
  }
  fs.symlinkSync(path.join(packageRoot, 'node_modules'), path.join(copy, 'node_modules'), 'junction')
  const programs = path.join(packageRoot, 'node_modules', '.bin')
  const env = { ...place.env, PATH: `${programs}${path.delimiter}${place.env['PATH']}` }
  const npm = (args: readonly string[], cwd: string): Promise<unknown> => (
    exec('npm', args, { cwd, env, shell: process.platform === 'win32' })
  )
  await npm(['pack', '--silent', '--pack-destination', place.folder], copy)
  const archive = fs.readdirSync(place.folder).find((name) => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack made no archive')
  const folder = path.join(place.folder, 'installed')
  fs.mkdirSync(folder)
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }')
  const packages = [path.join(place.folder, archive), `node@${process.versions.node}`]
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], folder)
  return { bin: path.join(folder, 'node_modules', 'onboard', 'bin', 'run.js'), empty: makeEmpty(folder) }
}

function makeEmpty(folder: string): string {
  const own = path.join(folder, 'empty')
  fs.mkdirSync(path.join(own, 'commands'), { recursive: true })
  const files = {
    'package.json': JSON.stringify({
      name: 'empty', version: '0.0.0', type: 'module', oclif: { bin: 'empty', commands: './commands' },
    }),
    'run.js': `import { execute } from '@oclif/core'\nawait execute({ dir: import.meta.url })\n`,
    'commands/empty.js': `import { Command } from '@oclif/core'
export default class Empty extends Command { async run() {} }
`,
  }
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(own, name), text)
  return path.join(own, 'run.js')
}

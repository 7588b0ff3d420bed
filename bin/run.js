#!/usr/bin/env node
// Plain JavaScript that an old Node can parse too, so that it can say what is missing.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `onboard needs Node.js 22.18 or newer; this is ${process.version} (${process.execPath}).\n` +
      'Type: npx --package=node@24 --package=onboard onboard --version   (in a clone: npx onboard --version)\n',
  )
  process.exitCode = 2
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  process.stdout.write(`onboard/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  const { enableCompileCache } = await import('node:module')
  // A folder of our own: the default lies in the shared temporary folder, where others could write.
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  if (!process.env.NODE_COMPILE_CACHE) enableCompileCache(join(cache, 'onboard', 'node'))
  // A clone has the sources and runs them as they are; a packed install has dist/ alone.
  const source = existsSync(join(root, 'src', 'cli', 'main.ts'))
  const { main } = await import(source ? '../src/cli/main.ts' : '../dist/src/cli/main.js')
  process.exitCode = await main(process.argv.slice(2))
  // All is done and closed. The end of the event loop would wait for a last collection of garbage, 25 to 40 ms, too.
  for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done))
  process.exit()
}

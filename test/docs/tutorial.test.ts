/** The tutorial is typed as it stands, from its first line to its last. */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'

/** Only where the workspace's own embedded database is used, and not one that was given. */
test.skipIf(process.env['ONBOARD_TEST_DATABASE_URL'])('every command of the tutorial does what it says, in its order', async () => {
  const folder = mkdtempSync('/tmp/onboard-tutorial-')
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'home'))
  const text = readFileSync(join(packageRoot, 'docs/tutorial.md'), 'utf8')
  const typed = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  expect(typed.length).toBeGreaterThan(12)
  // Waiting (5) and changes pending (4) are what the tutorial expects; anything else ends it.
  const npx = `npx() { shift; echo "\\$ onboard $*"; "${process.execPath}" "${join(packageRoot, 'bin/run.js')}" "$@" 2>&1; local exit=$?; case $exit in 0|4|5) ;; *) echo "STOPPED with $exit: $*"; exit $exit;; esac; }`
  const script = join(folder, 'typed.sh')
  writeFileSync(script, `${npx}\ncd "${folder}"\n${typed.join('\n')}`)
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const env = { PATH, HOME, NODE_COMPILE_CACHE, ONBOARD_HOME: join(folder, 'home'), ONBOARD_BCRYPT_COST: '4' }
  const said = await new Promise<string>((resolve) => {
    execFile('bash', [script], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => resolve(`${stdout}${stderr}${error ? `\nended with ${String(error.code)}` : ''}`))
  })
  expect(said.split('\n').slice(-40).join('\n')).not.toMatch(/STOPPED|ended with/)
  // What a reader sees on the way.
  expect(said).toContain('96 % of the checklist is answered')
  expect(said).toContain('plan  is professional, should be enterprise')
  expect(said).toContain('is live on Example Vendor since Tuesday, 9 March 2027')
  expect(said).toContain('check-in of day 3 (2027-03-12) held')
  expect(said).toContain('go_live.production_access')
  expect(said).toMatch(/acme.*verif|whole/)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, 300_000)

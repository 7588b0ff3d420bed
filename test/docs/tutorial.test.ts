/** The tutorial is typed as it stands, from its first line to its last; what is typed in another terminal runs beside it. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'

/** Only where the workspace's own embedded database is used, and not one that was given. */
test.skipIf(process.env['ONBOARD_TEST_DATABASE_URL'])('every command of the tutorial does what it says, in its order', async () => {
  const folder = mkdtempSync('/tmp/onboard-tutorial-')
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'home'))
  const text = readFileSync(join(packageRoot, 'docs/tutorial.md'), 'utf8').replaceAll('localhost:8080', `localhost:${await freePort()}`)
  const typed = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  expect(typed.length).toBeGreaterThan(12)
  // Waiting (5) and changes pending (4) are what the tutorial expects; anything else ends it.
  const npx = `npx() { shift; echo "\\$ onboard $*"; "${process.execPath}" "${join(packageRoot, 'bin/run.js')}" "$@" 2>&1; local exit=$?; case $exit in 0|4|5) ;; *) echo "STOPPED with $exit: $*"; exit $exit;; esac; }`
  const beside = `"${process.execPath}" "${join(packageRoot, 'bin/run.js')}" serve --port "$(sed -n 's/.*app_url: http:..localhost:\\([0-9]*\\).*/\\1/p' onboard.config.yaml)" > serve.log 2>&1 &
trap "kill $!" EXIT; for i in $(seq 100); do grep -q Serving serve.log && break; sleep 0.1; done`
  const script = join(folder, 'typed.sh')
  writeFileSync(script, `${npx}\ncd "${folder}"\n${typed.map((block) => (block.trim() === 'npx onboard serve' ? beside : block)).join('\n')}`)
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const env = { PATH, HOME, NODE_COMPILE_CACHE, ONBOARD_HOME: join(folder, 'home'), ONBOARD_BCRYPT_COST: '4' }
  const said = await new Promise<string>((resolve) => {
    execFile('bash', [script], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => resolve(`${stdout}${stderr}${error ? `\nended with ${String(error.code)}` : ''}`))
  })
  expect(said.split('\n').slice(-40).join('\n')).not.toMatch(/STOPPED|ended with/)
  // What a reader sees on the way.
  expect(said).toContain('96 % of the checklist is answered')
  expect(said).toContain('plan  is professional, should be enterprise')
  expect(said).toContain('| primary contact | Ada Meier | ada@acme.example, +49 30 1234567 |')
  expect(said).toContain('| L1 | Sun Park | sun@vendor.example | 4 hours |')
  expect(said).toContain('| P0 issues, at once | Mira Lindqvist | mira@vendor.example | 30 minutes |')
  expect(said).toContain('is live on Example Vendor since Tuesday, 9 March 2027')
  expect(said).toContain('check-in of day 3 (2027-03-12) held')
  expect(said).toContain('go_live.production_access')
  expect(said).toMatch(/acme.*verif|whole/)
  expect(said).toContain('the directory has made a user: 1, changed one: 1, switched one off: 1')
  expect(said).toContain('the directory has given a role by a group: 1, taken one back: 1')
  expect(said).toMatch(/User provisioning \(SCIM\) .* 12\/12/)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, 300_000)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** The tutorial is typed as it stands, from its first line to its last; what is typed in another terminal runs beside it. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { noChromium } from '../support/chromium.ts'
import { SIMPLESAMLPHP } from '../support/simplesamlphp.ts'

/** The part of the reader who has an identity provider is typed where this machine has one, else that of who has none. */
const PROVIDER = noChromium === null ? SIMPLESAMLPHP : undefined
const RUN = `"${process.execPath}" "${join(packageRoot, 'bin/run.js')}"`
const SIGN_IN = `"${process.execPath}" "${join(packageRoot, 'test/docs/sign-in.ts')}"`

/**
 * Before the commands. Waiting (5) and changes pending (4) are what the tutorial expects; anything else ends it. A link
 * of a test is opened by the first person for the first, by the second for the second.
 */
const BEFORE = `
npx() {
  shift; echo "\\$ onboard $*"
  if [ "$*" = "sso test acme" ]; then tried; return; fi
  ${RUN} "$@" 2>&1; local exit=$?
  case $exit in 0|4|5) ;; *) echo "STOPPED with $exit: $*"; exit $exit;; esac
}
people="tess newman"
tried() {
  ${RUN} sso test acme > tried.log 2>&1 & local pid=$!
  for i in $(seq 100); do grep -q login.test= tried.log && break; sleep 0.1; done
  ${SIGN_IN} "$(grep -o 'http://[^ ]*login.test=[^ ]*' tried.log)" "\${people%% *}" || exit 1
  people="\${people#* }"; wait $pid; cat tried.log
}
beside=
trap '[ -z "$beside" ] || kill $beside' EXIT
`
const SERVE = `${RUN} serve --port "$(sed -n 's/.*app_url: http:..localhost:\\([0-9]*\\).*/\\1/p' onboard.config.yaml)" > serve.log 2>&1 & beside="$beside $!"
for i in $(seq 100); do grep -q Serving serve.log && break; sleep 0.1; done`

/** The commands of the page as they are typed here: what is left running goes on beside, what a browser does is done by one. */
function typedOf(page: string, origin: string): string {
  const blocks = [...page.matchAll(/```(sh|bash)\n([\s\S]*?)```/g)].map(([, kind = '', block = '']) => ({ kind, block }))
  expect(blocks.length).toBeGreaterThan(12)
  return blocks.map(({ kind, block }) => {
    if (block.trim() === 'npx onboard serve') return SERVE
    if (block.includes('no provider to try it with')) return PROVIDER === undefined ? block : ''
    if (kind === 'sh') return block
    if (PROVIDER === undefined || block.startsWith('sudo ')) return ''
    if (block.includes('php -d')) return `${block.replace(/ssp=\S+/, `ssp=${PROVIDER}`).trimEnd()} > provider.log 2>&1 & beside="$beside $!"\nsleep 1\n`
    return block.includes('sso.passwords') ? `${SIGN_IN} ${origin}/t/acme/login tom out || exit 1\n${block}` : block
  }).join('\n')
}

/** Only where the workspace's own embedded database is used, and not one that was given. */
test.skipIf(process.env['ONBOARD_TEST_DATABASE_URL'])('every command of the tutorial does what it says, in its order', async () => {
  const folder = mkdtempSync('/tmp/onboard-tutorial-')
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'home'))
  const [gateway, provider] = [await freePort(), await freePort()]
  const page = readFileSync(join(packageRoot, 'docs/tutorial.md'), 'utf8')
    .replaceAll('localhost:8080', `localhost:${gateway}`).replaceAll('localhost:8085', `localhost:${provider}`)
  const script = join(folder, 'typed.sh')
  writeFileSync(script, `${BEFORE}\ncd "${folder}"\n${typedOf(page, `http://localhost:${gateway}`)}`)
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const env = { PATH, HOME, NODE_COMPILE_CACHE, ONBOARD_HOME: join(folder, 'home'), ONBOARD_BCRYPT_COST: '4' }
  const said = await new Promise<string>((resolve) => {
    execFile('bash', [script], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => resolve(`${stdout}${stderr}${error ? `\nended with ${String(error.code)}` : ''}`))
  })
  expect(said.split('\n').slice(-40).join('\n')).not.toMatch(/STOPPED|ended with/)
  // What a reader sees on the way.
  expect(said).toContain('96 % of the checklist is answered')
  expect(said).toMatch(/! contract_reference +The contract can be found in the CRM {2}warning\n +The handoff names no contract/)
  expect(said).not.toMatch(/unchanged\n +unchanged\n/)
  expect(said).toContain('plan  is professional, should be enterprise')
  expect(said).toContain('| primary contact | Ada Meier | ada@acme.example, +49 30 1234567 |')
  expect(said).toContain('| L1 | Sun Park | sun@vendor.example | 4 hours |')
  expect(said).toContain('| P0 issues, at once | Mira Lindqvist | mira@vendor.example | 30 minutes |')
  expect(said).toContain('is live on Example Vendor since Tuesday, 9 March 2027')
  expect(said).toContain('check-in of day 3 (2027-03-12) held')
  expect(said).toContain('go_live.production_access')
  expect(said).toContain('| A check before each release | Eva Weber | Friday, 26 March 2027 | open |')
  expect(said).toMatch(/go-live 2027-04-13 · forecast 2027-04-13/)
  expect(said).toContain('Go-live on **Tuesday, 13 April 2027**')
  expect(said).toMatch(/acme.*verif|whole/)
  expect(said).toContain('the directory has made a user: 1, changed one: 1, switched one off: 1')
  expect(said).toContain('the directory has given a role by a group: 1, taken one back: 1')
  expect(said).toMatch(/User provisioning \(SCIM\) .* 12\/12/)
  if (PROVIDER !== undefined) {
    expect(said).toContain('tess sees: The test login succeeded')
    expect(said).toMatch(/refused: unknown-user.*\n.*there is no account of newman@acme.example, and accounts come from the directory/)
    expect(said).toContain('somebody whom the directory does not know was kept out')
    expect(said).toContain('tom sees: Welcome, Tom Braun\ntom sees: Sign in, signed out')
    expect(said).toMatch(/● Single sign-on .* 14\/14/)
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}, 600_000)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** The machine's other kind of user: as root these run as nobody in particular, else they are what every test is. */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { embeddedHome } from '../../src/database/embedded/home.ts'

const SCRIPT = path.resolve(import.meta.dirname, '../support/use-embedded.ts')

test.runIf(process.getuid?.() === 0)('an ordinary user has a server of his own, running as himself', async () => {
  const base = fs.mkdtempSync('/tmp/onboard-test-o')
  fs.chownSync(base, 65534, 65534)
  const env = { PATH: process.env['PATH'], ONBOARD_HOME: base, ONBOARD_EMBEDDED_IDLE_SECONDS: '0.3' }
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, 'end'], { env, uid: 65534, gid: 65534, cwd: '/' })
  expect(JSON.parse(stdout)).toMatchObject({ label: 'embedded:default' })
  const { data } = embeddedHome(env)
  expect(fs.statSync(data).uid).toBe(65534)
  while (fs.existsSync(path.join(data, 'postmaster.pid'))) await new Promise((resolve) => setTimeout(resolve, 50))
  fs.rmSync(base, { recursive: true, force: true, maxRetries: 5 })
})

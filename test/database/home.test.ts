import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { embeddedHome, makeHome, serverUser } from '../../src/database/embedded/home.ts'

test.runIf(process.getuid?.() === 0)('a home that trust has made for root alone lets the server through, and nobody looks into it', () => {
  const above = mkdtempSync('/tmp/onboard-test-h')
  chmodSync(above, 0o755)
  const base = join(above, 'home')
  mkdirSync(base, { mode: 0o700 })
  const home = embeddedHome({ ONBOARD_HOME: base })
  makeHome(home, serverUser(home))
  expect(statSync(base).mode & 0o777).toBe(0o711)
  expect(statSync(home.dir).mode & 0o777).toBe(0o700)
  rmSync(above, { recursive: true })
})

/** Stories of users, each in a folder: its workspace, and session.txt. Changed on purpose? `npx vitest run test/acceptance -u`. */
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { environmentOf, testDatabase } from '../support/database.ts'
import { needs, rerun } from './session.ts'

const cases = readdirSync(import.meta.dirname).filter((name) => existsSync(join(import.meta.dirname, name, 'session.txt')))

describe('sessions', () => {
  test.each(cases)('%s', { timeout: 180_000 }, async (name) => {
    const source = join(import.meta.dirname, name)
    const session = join(source, 'session.txt')
    const text = readFileSync(session, 'utf8')
    const needed = needs(text)
    const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'onboard-case-')))
    try {
      cpSync(source, cwd, { recursive: true, filter: (path) => path !== session })
      chmodSync(cwd, 0o755)
      const simulated = needed.get('clock')
      const database = await testDatabase({ product: needed.get('product') !== 'none', ...(simulated === undefined ? {} : { simulated }) })
      const seen = await rerun(text, { cwd, env: environmentOf(database), database })
      await expect(seen).toMatchFileSnapshot(session)
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
})

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openBrowser } from '../../src/adapters/browser.ts'

const PATH = process.env['PATH'] ?? ''
afterEach(() => void (process.env['PATH'] = PATH))

describe.skipIf(process.platform !== 'linux')('a page in the own browser', () => {
  test('its address is one argument, whatever is in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onboard-browser-'))
    await writeFile(join(folder, 'xdg-open'), `#!/bin/sh\nprintf '%s|' "$@" > "${folder}/opened.part" && mv "${folder}/opened.part" "${folder}/opened"\n`)
    await chmod(join(folder, 'xdg-open'), 0o755)
    process.env['PATH'] = `${folder}${delimiter}${PATH}`
    const url = 'http://127.0.0.1:8080/sso/acme/main/login?test=a$(id)&b=`id`;c'
    expect(await openBrowser(url)).toBe(true)
    await vi.waitFor(async () => expect(await readFile(join(folder, 'opened'), 'utf8')).toBe(`${url}|`), { timeout: 3000 })
    await rm(folder, { recursive: true })
  })

  test('where there is none, nothing happens', async () => {
    process.env['PATH'] = '/nonexistent'
    expect(await openBrowser('http://127.0.0.1/')).toBe(false)
  })
})

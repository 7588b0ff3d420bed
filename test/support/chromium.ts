/** Debian's Chromium, without a window, by playwright-core. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const PROGRAM = process.env['ONBOARD_TEST_CHROMIUM'] ?? '/usr/bin/chromium'
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Why tests in a browser are skipped; null: they are not. */
export const noChromium: string | null = existsSync(PROGRAM)
  ? null
  : `there is no Chromium at ${PROGRAM} (ONBOARD_TEST_CHROMIUM names another)`

export interface Window {
  readonly page: Page
  readonly context: BrowserContext
  /** Keeps a picture of the page where ONBOARD_TEST_SCREENSHOTS names a folder. */
  picture(name: string): Promise<void>
}

/** One browser for a test file; each window is somebody else's: it has cookies of its own. */
export function chromiumWindows(): { open(options?: { readonly scripts?: boolean }): Promise<Window> } {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS })
  }, 30_000)
  afterAll(() => browser?.close())
  return {
    async open({ scripts = false } = {}) {
      // A certificate of a test is signed by nobody whom a browser knows.
      const context = await browser.newContext({
        javaScriptEnabled: scripts, ignoreHTTPSErrors: true, viewport: { width: 640, height: 760 },
      })
      context.setDefaultTimeout(5_000)
      const page = await context.newPage()
      const folder = process.env['ONBOARD_TEST_SCREENSHOTS']
      return {
        page, context,
        picture: async (name) => {
          if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
        },
      }
    },
  }
}
